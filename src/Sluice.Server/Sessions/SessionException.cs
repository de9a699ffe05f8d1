using Sluice.Server.Hosting;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>A session that cannot be. The reason is a sentence for a person.</summary>
internal sealed class SessionException(ErrorCode error, string reason, TimeSpan? retryAfter = null) : Exception(reason)
{
    /// <summary>Row of the error table.</summary>
    public ErrorCode Error { get; } = error;

    /// <summary>When to try again; null when that is no use.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>It may go better in a while, though nobody knows when.</summary>
    public bool MayPass { get; init; } = retryAfter is not null;

    /// <summary>What it was to open is open already, which was not known when it began: who begins it again joins that.</summary>
    public bool IsOpenElsewhere { get; private init; }

    /// <summary>Another server has the session of this source: who begins it again is passed on to that one.</summary>
    public bool IsOnAnotherNode { get; init; }

    /// <summary>A torrent that cannot be had.</summary>
    public static SessionException Of(TorrentException e)
    {
        var isOpen = e.Failure == TorrentFailure.OpenAlready;
        var error = e.Failure switch
        {
            TorrentFailure.NoEngine => ErrorCode.TorrentsMissing,
            TorrentFailure.Refused => ErrorCode.SourceUnsupported,
            _ => ErrorCode.SourceUnusable,
        };
        return new SessionException(error, isOpen ? $"{e.Message} Begin it again to join those who watch it." : e.Message)
        {
            MayPass = isOpen,
            IsOpenElsewhere = isOpen,
        };
    }

    /// <summary>The same for another who waits: an exception is thrown once.</summary>
    public SessionException Again() => new(Error, Message, RetryAfter) { MayPass = MayPass, IsOpenElsewhere = IsOpenElsewhere, IsOnAnotherNode = IsOnAnotherNode };
}
