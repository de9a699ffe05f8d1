using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Endpoint metadata: one client may ask for this so often only.</summary>
/// <param name="Kind">Of what it is one.</param>
internal sealed record RateLimited(RateKind Kind);

/// <summary>Puts it on an endpoint.</summary>
internal static class RateLimitedExtensions
{
    /// <summary>See <see cref="RateLimited"/>. Of an endpoint that sends segments too, whose route has a <c>file</c>, with
    /// <see cref="RateKind.Manifests"/> only manifests count.</summary>
    public static T LimitRate<T>(this T builder, RateKind kind) where T : IEndpointConventionBuilder => builder.WithMetadata(new RateLimited(kind));
}

/// <summary>
/// In front of the gate: whoever asks too often for what costs something is told to wait (429), before anything is looked up or hashed. Keys are such a
/// thing when they are wrong, which takes a look; the right one opens all the same, for others may have the address of whoever guesses, and 256 random bits
/// are not guessed.
/// </summary>
internal sealed class RateGate(RequestDelegate next, ClientRates rates, AssetDirectory assets, OperatorAccess operators, PlaybackTokens tokens)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        if (endpoint.Metadata.GetMetadata<RateLimited>() is { } limited && Counts(context.Request, limited.Kind) && !rates.Take(context, limited.Kind))
        {
            return RefuseAsync(context, limited.Kind);
        }

        return endpoint.Metadata.GetMetadata<AccessPolicy>() is { Kind: not (AccessKind.Anyone or AccessKind.Playback) and var kind }
            && Credentials.HasKey(context.Request) && rates.IsUsedUp(context, RateKind.WrongKeys)
                ? AdmitRightAsync(context, kind)
                : next(context);
    }

    private async Task AdmitRightAsync(HttpContext context, AccessKind kind) =>
        await (await IsRightAsync(context, kind) ? next(context) : RefuseAsync(context, RateKind.WrongKeys));

    /// <summary>Whether the key is the operator's, or the title's where it is sent as that, or a token of whatever title.</summary>
    private async ValueTask<bool> IsRightAsync(HttpContext context, AccessKind kind)
    {
        var request = context.Request;
        return Credentials.AdminKey(request, kind) is not { } key
            ? operators.HasKey(request) || tokens.TryVerify(Credentials.BearerOf(request), out _)
            : AssetId.TryParse(request.RouteValues["id"] as string, null, out var id)
                && await assets.FindAsync(id, context.RequestAborted) is { } asset && AccessKey.Matches(key, asset.AdminKeyHash);
    }

    private static bool Counts(HttpRequest request, RateKind kind) =>
        kind != RateKind.Manifests || request.RouteValues["file"] is not string file
        || file.EndsWith(".m3u8", StringComparison.Ordinal) || file.EndsWith(".mpd", StringComparison.Ordinal);

    /// <summary>Answers whoever asked too often.</summary>
    public static Task RefuseAsync(HttpContext context, RateKind kind)
    {
        var (what, key) = kind switch
        {
            RateKind.Manifests => ("playlists", "manifests"),
            RateKind.Published => ("published files", "published"),
            RateKind.Tokens => ("new links", "tokens"),
            RateKind.Uploads => ("uploads", "uploads"),
            _ => ("wrong keys or unknown sessions", "wrongKeys"),
        };
        context.Response.Headers.RetryAfter = "1"; // By then there is at least one again.
        return Problem.WriteAsync(context, ErrorCode.TooManyRequests, $"Too many {what} from your address (rateLimits.{key}).");
    }
}
