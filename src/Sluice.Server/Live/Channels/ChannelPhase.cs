namespace Sluice.Server.Live.Channels;

/// <summary>Where a channel is in its life, why, and since when.</summary>
internal sealed record ChannelPhase(ChannelState State, string? Reason, DateTimeOffset Since);
