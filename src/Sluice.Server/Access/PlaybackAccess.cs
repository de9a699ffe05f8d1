using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Whether a playback token opens an asset to whoever sends it.</summary>
internal sealed class PlaybackAccess(
    PlaybackTokens tokens, OpenSessions sessions, PlaybackOrigins origins, PlaybackActivity activity, Audience audience, TimeProvider clock)
{
    /// <summary>Why the request may not; null when it may, and then its handler finds an <see cref="IPlayableFeature"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asset">What it asks for.</param>
    /// <param name="plays">It asks for what is played, and not about it: then pages of other sites may be kept from it.</param>
    public Refusal? Check(HttpContext context, Asset asset, bool plays)
    {
        var text = Credentials.PlaybackToken(context.Request);
        if (text.IsEmpty)
        {
            return new Refusal(ErrorCode.TokenMissing);
        }

        if (!tokens.TryVerify(text, out var token) || token.Claims.Channel is not null || token.Claims.Asset != asset.Id)
        {
            return new Refusal(ErrorCode.TokenInvalid);
        }

        var now = clock.GetUtcNow();
        if ((Fault(context, token.Claims, asset, now) ?? Elsewhere(context, token.Claims) ?? (plays ? origins.Check(context, asset.AllowedOrigins) : null)) is { } no)
        {
            return no;
        }

        context.Features.Set<IPlayableFeature>(token.FeatureFor(asset));
        activity.Tell(asset.Id, token.Claims.Session);
        if (plays)
        {
            audience.Seen(context, asset.Id);
        }

        return null;
    }

    private Refusal? Fault(HttpContext context, PlaybackToken claims, Asset asset, DateTimeOffset now)
    {
        if (claims.Epoch != asset.Epoch)
        {
            return new Refusal(ErrorCode.TokenRevoked);
        }

        if (claims.Session is { } session && !sessions.Contains(session) && context.Features.Get<RunsElsewhere>()?.Session != session)
        {
            return new Refusal(ErrorCode.TokenExpired, "The session has ended.");
        }

        if (now.ToUnixTimeSeconds() >= claims.ExpiresAt)
        {
            return Refusal.Expired(ErrorCode.TokenExpired, "link", DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt), now);
        }

        return asset.ExpiresAt is not { } last || now < last ? null
            : claims.FollowsAsset ? Refusal.Expired(ErrorCode.TokenExpired, "link", last, now)
            : Refusal.Expired(ErrorCode.MediaExpired, "media", last, now);
    }

    private static Refusal? Elsewhere(HttpContext context, PlaybackToken claims) =>
        claims.BoundTo is not { } range || (ClientAddress.Of(context) is { } client && range.Contains(client))
            ? null
            : new Refusal(ErrorCode.TokenBound, $"The request comes from {ClientAddress.Of(context)}, and the link is for another address.");
}
