namespace Sluice.Server.Torrents;

/// <summary>A torrent that cannot be had. The message is a sentence for a person and names no address and no folder.</summary>
internal sealed class TorrentException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whose fault it is.</summary>
    public TorrentFailure Failure { get; init; }

    /// <summary>The same for another who waits: an exception is thrown once.</summary>
    public TorrentException Again() => new(Message, this) { Failure = Failure };
}

/// <summary>Why a torrent cannot be had.</summary>
internal enum TorrentFailure
{
    /// <summary>Something went wrong; it may go better another time.</summary>
    Broken,

    /// <summary>The torrent is none that is taken.</summary>
    Refused,

    /// <summary>This server has no engine for any torrent.</summary>
    NoEngine,

    /// <summary>It is open already.</summary>
    OpenAlready,
}
