using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Who may watch a channel.
/// <code>
/// no such channel  → 404, before any credential is looked at
/// a token is sent  → it must be one of this channel, public or not
/// none is sent     → a public channel, the operator's key, or the open door of a loopback bind
/// </code>
/// </summary>
internal sealed class ChannelAccess(
    FindChannel find, PlaybackTokens tokens, OperatorAccess operators, PlaybackOrigins origins, TimeProvider clock)
{
    /// <summary>Why the request may not; null when it may, and then its handler finds an <see cref="IChannelPass"/>.</summary>
    public Refusal? Check(HttpContext context, AccessPolicy policy)
    {
        if (context.Request.RouteValues["channel"] is not string name || find(name) is not { } channel)
        {
            return new Refusal(policy.Unknown!);
        }

        var request = context.Request;
        if (operators.HasKey(request))
        {
            return Pass(context, channel, null, isOperators: true);
        }

        var text = Credentials.PlaybackToken(request);
        if (!text.IsEmpty)
        {
            return tokens.TryVerify(text, out var token)
                ? Fault(token, channel) ?? origins.Check(context, null) ?? Pass(context, channel, token, isOperators: false)
                : new Refusal(ErrorCode.TokenInvalid);
        }

        return operators.MayRead(request) ? Pass(context, channel, null, isOperators: true)
            : channel.IsPublic ? origins.Check(context, null) ?? Pass(context, channel, null, isOperators: false)
            : new Refusal(ErrorCode.TokenMissing);
    }

    /// <summary>Whether the channel is there and still opens to a token, or to nobody in particular.</summary>
    public bool StillOpens(string name, VerifiedToken? token) =>
        find(name) is { } channel && (token is null ? channel.IsPublic : Fault(token, channel) is null);

    private Refusal? Fault(VerifiedToken token, ChannelDoor channel)
    {
        if (token.Claims.Channel != channel.Name)
        {
            return new Refusal(ErrorCode.TokenInvalid);
        }

        if (token.Claims.Epoch != channel.Epoch)
        {
            return new Refusal(ErrorCode.TokenRevoked);
        }

        var now = clock.GetUtcNow();
        return now.ToUnixTimeSeconds() >= token.Claims.ExpiresAt
            ? Refusal.Expired(ErrorCode.TokenExpired, "link", DateTimeOffset.FromUnixTimeSeconds(token.Claims.ExpiresAt), now)
            : null;
    }

    private Refusal? Pass(HttpContext context, ChannelDoor channel, VerifiedToken? token, bool isOperators)
    {
        context.Features.Set<IChannelPass>(new ChannelPass(this, channel.Name, token, isOperators));
        return null;
    }
}
