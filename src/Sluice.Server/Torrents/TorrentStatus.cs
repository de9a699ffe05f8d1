namespace Sluice.Server.Torrents;

/// <summary>What a torrent is at.</summary>
internal enum TorrentState
{
    /// <summary>Peers are asked what it is: only its hash is known.</summary>
    Metadata,

    /// <summary>What is on the disk already is looked at.</summary>
    Checking,

    /// <summary>Its files can be read.</summary>
    Ready,

    /// <summary>It is refused, or cannot be had; <see cref="TorrentStatus.Problem"/> says why.</summary>
    Failed,
}

/// <summary>How a torrent stands, as last heard, at most a second or two ago.</summary>
/// <param name="State">What it is at.</param>
/// <param name="BytesHere">Bytes of whole, verified pieces.</param>
/// <param name="FollowedBytesHere">Those of them that are of the file that is followed (<see cref="Torrent.FollowAsync"/>).</param>
/// <param name="Peers">Peers that are connected. With none, reads of what is not here wait.</param>
/// <param name="Seeds">Those of them that have all of it.</param>
/// <param name="DownBytesPerSecond">Rate at which content comes.</param>
/// <param name="UpBytesPerSecond">Rate at which content is given to others.</param>
/// <param name="DownloadedBytes">Content that came since the engine's start, given up and faulty bytes included.</param>
/// <param name="Problem">What is wrong, in a sentence; null when nothing is.</param>
internal sealed record TorrentStatus(
    TorrentState State, long BytesHere, long FollowedBytesHere, int Peers, int Seeds, long DownBytesPerSecond, long UpBytesPerSecond, long DownloadedBytes,
    string? Problem)
{
    /// <summary>Before anything was heard.</summary>
    public static TorrentStatus AtFirst { get; } = new(TorrentState.Metadata, 0, 0, 0, 0, 0, 0, 0, null);

    /// <summary>What is wrong, or who is connected, in a sentence.</summary>
    public string InWords => Problem ?? Peers switch
    {
        0 => "No peer is connected.",
        1 => "One peer is connected.",
        _ => $"{Peers} peers are connected.",
    };
}
