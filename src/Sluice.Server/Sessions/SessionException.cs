using Sluice.Server.Hosting;

namespace Sluice.Server.Sessions;

/// <summary>A session that cannot be. The reason is a sentence for a person.</summary>
internal sealed class SessionException(ErrorCode error, string reason, TimeSpan? retryAfter = null) : Exception(reason)
{
    /// <summary>Row of the error table.</summary>
    public ErrorCode Error { get; } = error;

    /// <summary>When to try again; null when that is no use.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The same for another who waits: an exception is thrown once.</summary>
    public SessionException Again() => new(Error, Message, RetryAfter);
}
