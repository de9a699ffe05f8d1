using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// The one gate: every request for a mapped endpoint passes here, and is refused unless the endpoint's
/// <see cref="AccessPolicy"/> lets it through.
/// <code>
/// endpoint without policy → refused
/// asset in the route      → 404 when unknown, before any credential is looked at; a channel likewise
/// credential given        → checked, even where none is needed
/// none given              → refused, unless the door is open (loopback) and no other site asks
/// </code>
/// </summary>
internal sealed partial class AccessGate(
    RequestDelegate next,
    AssetDirectory assets,
    PlaybackTokens tokens,
    OperatorAccess operators,
    ChannelAccess channels,
    OpenSessions sessions,
    PlaybackActivity activity,
    TimeProvider clock,
    ILogger<AccessGate> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Routing's own endpoints (405, 415) and no endpoint at all (404) have nothing to protect.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        var policy = endpoint.Metadata.GetMetadata<AccessPolicy>();
        switch (policy?.Kind)
        {
            case AccessKind.Anyone:
                return next(context);
            case AccessKind.Operator:
                return Decide(context, operators.Check(context.Request));
            case AccessKind.Channel:
                return Decide(context, channels.Check(context, policy));
            case null:
                Log.NoPolicy(logger, endpoint.RoutePattern.RawText);
                return Problem.WriteAsync(context, ErrorCode.KeyMissing);
        }

        if (!AssetId.TryParse(context.Request.RouteValues["id"] as string, null, out var id))
        {
            return Problem.WriteAsync(context, ErrorCode.MediaUnknown);
        }

        return assets.TryGet(id, out var asset)
            ? Decide(context, Check(context, policy.Kind, asset))
            : LookUpAsync(context, policy.Kind, id);
    }

    private async Task LookUpAsync(HttpContext context, AccessKind kind, AssetId id)
    {
        var asset = await assets.FindAsync(id, context.RequestAborted);
        await Decide(context, asset is null ? new Refusal(ErrorCode.MediaUnknown) : Check(context, kind, asset));
    }

    private Task Decide(HttpContext context, Refusal? refusal) => refusal is { } no
        ? Problem.WriteAsync(context, no.Code, no.Detail, no.ExpiredAt)
        : next(context);

    private Refusal? Check(HttpContext context, AccessKind kind, Asset asset) => kind switch
    {
        AccessKind.Playback => CheckPlayback(context, asset),
        AccessKind.AssetAdmin => CheckAdmin(context.Request, asset),
        AccessKind.AssetAdminByQuery => CheckAdminKey(Credentials.Query(context.Request, "admin_key"), asset),
        AccessKind.AssetReader => CheckReader(context, asset),
        _ => new Refusal(ErrorCode.KeyMissing),
    };

    private Refusal? CheckPlayback(HttpContext context, Asset asset)
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

        if (token.Claims.Epoch != asset.Epoch)
        {
            return new Refusal(ErrorCode.TokenRevoked);
        }

        if (token.Claims.Session is { } session && !sessions.Contains(session))
        {
            return new Refusal(ErrorCode.TokenExpired, "The session has ended.");
        }

        var now = clock.GetUtcNow();
        if (now.ToUnixTimeSeconds() >= token.Claims.ExpiresAt)
        {
            return Refusal.Expired(ErrorCode.TokenExpired, "link", DateTimeOffset.FromUnixTimeSeconds(token.Claims.ExpiresAt), now);
        }

        if (asset.ExpiresAt is { } last && now >= last)
        {
            return token.Claims.FollowsAsset
                ? Refusal.Expired(ErrorCode.TokenExpired, "link", last, now)
                : Refusal.Expired(ErrorCode.MediaExpired, "media", last, now);
        }

        context.Features.Set<IPlayableFeature>(token.FeatureFor(asset));
        activity.Tell(asset.Id, token.Claims.Session);
        return null;
    }

    private Refusal? CheckReader(HttpContext context, Asset asset)
    {
        var request = context.Request;
        if (request.Headers.ContainsKey("X-Admin-Key") || operators.HasKey(request))
        {
            return CheckAdmin(request, asset);
        }

        return Credentials.PlaybackToken(request).IsEmpty ? operators.Check(request) : CheckPlayback(context, asset);
    }

    private Refusal? CheckAdmin(HttpRequest request, Asset asset) =>
        request.Headers.TryGetValue("X-Admin-Key", out var key)
            ? CheckAdminKey(key.ToString(), asset)
            : operators.Check(request);

    private static Refusal? CheckAdminKey(ReadOnlySpan<char> key, Asset asset) =>
        AccessKey.Matches(key.ToString(), asset.AdminKeyHash) ? null : new Refusal(ErrorCode.KeyInvalid);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "The endpoint {Route} has no access policy; it is refused to everyone")]
        public static partial void NoPolicy(ILogger logger, string? route);
    }
}
