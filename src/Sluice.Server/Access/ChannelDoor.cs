namespace Sluice.Server.Access;

/// <summary>What the gate has to know of a channel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPublic">Whoever reaches this server may watch it.</param>
/// <param name="Epoch">Playback tokens of another epoch are dead.</param>
internal sealed record ChannelDoor(string Name, bool IsPublic, int Epoch);

/// <summary>The channel of this name; null when there is none. Any text may be asked for.</summary>
internal delegate ChannelDoor? FindChannel(string name);
