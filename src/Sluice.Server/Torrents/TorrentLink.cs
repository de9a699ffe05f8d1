namespace Sluice.Server.Torrents;

/// <summary>What a person gave: a magnet link, or the contents of a .torrent file. Read by <see cref="MagnetLink"/> and <see cref="TorrentUpload"/>.</summary>
/// <param name="Hash">What is looked for.</param>
/// <param name="Name">What the link calls it, fit to be shown as text; null when it has no name yet.</param>
/// <param name="Trackers">Who is asked for peers.</param>
/// <param name="Info">The info dictionary, as it stands; null when it is to be asked of peers.</param>
/// <param name="PieceLayers">Hashes of pieces that version 2 keeps outside of that, as they stand; null when there are none.</param>
internal sealed record TorrentLink(InfoHash Hash, string? Name, IReadOnlyList<string> Trackers, byte[]? Info = null, byte[]? PieceLayers = null);
