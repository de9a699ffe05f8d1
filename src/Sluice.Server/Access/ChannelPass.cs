namespace Sluice.Server.Access;

/// <summary>What the gate found out about a request for a channel, for the handler behind it.</summary>
internal interface IChannelPass
{
    /// <summary>The channel, checked: it exists, and the request may watch it.</summary>
    string Channel { get; }

    /// <summary>The playback token that opened it, to be written into the URLs of a playlist; null when none was needed.</summary>
    string? Token { get; }

    /// <summary>Whether the same request would be let in now: its token may have expired or been revoked, the channel may be public no more. An answer
    /// that does not end has to ask again and again.</summary>
    bool Holds();
}

/// <inheritdoc cref="IChannelPass" />
/// <param name="access">Who gave it.</param>
/// <param name="channel">The channel.</param>
/// <param name="token">The token that opened it, or null.</param>
/// <param name="isOperators">The operator watches, who may always.</param>
internal sealed class ChannelPass(ChannelAccess access, string channel, VerifiedToken? token, bool isOperators) : IChannelPass
{
    /// <inheritdoc />
    public string Channel => channel;

    /// <inheritdoc />
    public string? Token => token?.Text;

    /// <inheritdoc />
    public bool Holds() => isOperators || access.StillOpens(channel, token);
}
