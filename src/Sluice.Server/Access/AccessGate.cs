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
    PlaybackAccess playback,
    LinkViews views,
    ClientRates rates,
    OperatorAccess operators,
    OperatorSessions sessions,
    ChannelAccess channels,
    NodePass nodes,
    ILogger<AccessGate> logger)
{
    public Task InvokeAsync(HttpContext context) => sessions.MayBeNews(context.Request) ? LookAndEnterAsync(context) : EnterAsync(context);

    private async Task LookAndEnterAsync(HttpContext context)
    {
        await sessions.LookAsync(context.Request, context.RequestAborted);
        await EnterAsync(context);
    }

    private Task EnterAsync(HttpContext context)
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
            case AccessKind.Node:
                return Decide(context, nodes.Check(context.Request));
            case null:
                Log.NoPolicy(logger, endpoint.RoutePattern.RawText);
                return Problem.WriteAsync(context, ErrorCode.KeyMissing);
        }

        if (!AssetId.TryParse(context.Request.RouteValues["id"] as string, null, out var id))
        {
            return Problem.WriteAsync(context, ErrorCode.MediaUnknown);
        }

        return assets.TryGet(id, out var asset)
            ? Enter(context, endpoint, policy.Kind, asset)
            : LookUpAsync(context, endpoint, policy.Kind, id);
    }

    private async Task LookUpAsync(HttpContext context, RouteEndpoint endpoint, AccessKind kind, AssetId id)
    {
        var asset = await assets.FindAsync(id, context.RequestAborted);
        await (asset is null ? Decide(context, new Refusal(ErrorCode.MediaUnknown)) : Enter(context, endpoint, kind, asset));
    }

    private Task Enter(HttpContext context, RouteEndpoint endpoint, AccessKind kind, Asset asset)
    {
        var refusal = Check(context, kind, asset);
        return refusal is null && kind == AccessKind.Playback
            && context.Features.Get<IPlayableFeature>() is PlayableFeature { Limit: { } limit } playable && endpoint.Metadata.GetMetadata<CountsNoView>() is null
                ? CountAsync(context, playable, limit)
                : Decide(context, refusal);
    }

    private async Task CountAsync(HttpContext context, PlayableFeature playable, ViewLimit limit)
    {
        var view = await views.AdmitAsync(context, playable, limit);
        context.Features.Set<IPlayableFeature>(playable with { View = view });
        await Decide(context, view is null ? new Refusal(ErrorCode.ViewsUsedUp, $"The link was for {limit.Most} {(limit.Most == 1 ? "view" : "views")}.") : null);
    }

    private Task Decide(HttpContext context, Refusal? refusal)
    {
        if (refusal is not { } no)
        {
            return next(context);
        }

        if (no.Code == ErrorCode.KeyInvalid || (no.Code == ErrorCode.TokenInvalid && MayBeKey(context)))
        {
            rates.Take(context, RateKind.WrongKeys);
        }

        return Problem.WriteAsync(context, no.Code, no.Detail, no.ExpiredAt);
    }

    /// <summary>Where a key and a token both open, nobody can tell which of them a wrong bearer was to be.</summary>
    private static bool MayBeKey(HttpContext context) =>
        !Credentials.BearerOf(context.Request).IsEmpty && context.GetEndpoint()?.Metadata.GetMetadata<AccessPolicy>() is not { Kind: AccessKind.Playback };

    private Refusal? Check(HttpContext context, AccessKind kind, Asset asset) => kind switch
    {
        AccessKind.Playback => playback.Check(context, asset, plays: true),
        AccessKind.AssetAdmin or AccessKind.AssetAdminByQuery => CheckAdmin(context.Request, kind, asset),
        AccessKind.AssetReader => CheckReader(context, asset),
        _ => new Refusal(ErrorCode.KeyMissing),
    };

    private Refusal? CheckReader(HttpContext context, Asset asset)
    {
        var request = context.Request;
        if (request.Headers.ContainsKey("X-Admin-Key") || operators.HasKey(request))
        {
            return CheckAdmin(request, AccessKind.AssetReader, asset);
        }

        return Credentials.PlaybackToken(request).IsEmpty ? operators.Check(request) : playback.Check(context, asset, plays: false);
    }

    private Refusal? CheckAdmin(HttpRequest request, AccessKind kind, Asset asset) =>
        Credentials.AdminKey(request, kind) is not { } key ? operators.Check(request)
        : AccessKey.Matches(key, asset.AdminKeyHash) ? null
        : new Refusal(ErrorCode.KeyInvalid);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "The endpoint {Route} has no access policy; it is refused to everyone")]
        public static partial void NoPolicy(ILogger logger, string? route);
    }
}
