using Sluice.Server.Hosting;

namespace Sluice.Server.Live.Channels;

/// <summary>A channel that cannot be watched now. The message is for a person and names no secret.</summary>
/// <param name="code">What the viewer is answered.</param>
/// <param name="reason">Why.</param>
internal sealed class ChannelException(ErrorCode code, string reason) : Exception(reason)
{
    /// <summary>What the viewer is answered: 502 when no upstream is of use, 503 when it is off or not there yet.</summary>
    public ErrorCode Code { get; } = code;

    /// <summary>The same, for one more viewer.</summary>
    internal ChannelException Again() => new(Code, Message);
}
