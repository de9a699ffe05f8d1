using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Manage;

/// <summary>The operator in a browser: <c>/api/v1/operator</c>. The key is given once; from then on a cookie stands for it that no script can read.</summary>
internal static class OperatorEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapOperator(this IEndpointRouteBuilder routes)
    {
        var mine = routes.MapGroup("/api/v1/operator").WithTags("operator");
        mine.MapGet("/", Look).AllowAnyone("it says only what the request itself may do").Produces<OperatorView>()
            .WithSummary("Whether the request is the operator's, and until when its session goes.");
        mine.MapPost("/session", BeginAsync).AllowAnyone("it looks at the key itself, and counts each try").LimitRate(RateKind.WrongKeys).Audit("logged-in")
            .Accepts<LoginRequest>("application/json").Produces<OperatorView>(StatusCodes.Status201Created)
            .WithSummary("Log in with the operator key: a cookie (HttpOnly, SameSite=Strict) stands for it in this browser.");
        mine.MapDelete("/session", EndAsync).AllowAnyone("it ends the session that the request itself carries").Audit("logged-out")
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Log out; the cookie opens nothing any more.");
    }

    private static JsonHttpResult<OperatorView> Look(HttpContext context, OperatorAccess operators, OperatorSessions sessions) => Shown(
        new OperatorView(operators.Check(context.Request) is null, sessions.EndOf(context.Request)), context, StatusCodes.Status200OK);

    private static async Task<IResult> BeginAsync(
        HttpContext context, OperatorKey key, OperatorSessions sessions, OpenDoor door, CancellationToken ct)
    {
        if (door.NamesAnotherSite(context.Request))
        {
            return Problem.Result(ErrorCode.OriginRefused);
        }

        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body
            || !body.TryGetProperty("key", out var given) || given.ValueKind != JsonValueKind.String)
        {
            return Problem.Result(ErrorCode.RequestInvalid, "Send a JSON object with `key`, the operator key.");
        }

        return key.Matches(given.GetString()!)
            ? Shown(new OperatorView(true, await sessions.BeginAsync(context, ct)), context, StatusCodes.Status201Created)
            : Problem.Result(ErrorCode.KeyInvalid);
    }

    private static async Task<IResult> EndAsync(HttpContext context, OperatorSessions sessions, OpenDoor door, CancellationToken ct)
    {
        if (door.NamesAnotherSite(context.Request))
        {
            return Problem.Result(ErrorCode.OriginRefused);
        }

        await sessions.EndAsync(context, ct);
        return TypedResults.NoContent();
    }

    private static JsonHttpResult<OperatorView> Shown(OperatorView view, HttpContext context, int status)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(view, ManageJson.Default.OperatorView, statusCode: status);
    }
}

/// <summary>A wish to log in.</summary>
/// <param name="Key">The operator key.</param>
internal sealed record LoginRequest(string Key);

/// <summary>Who asks.</summary>
/// <param name="IsOperator">The request has the operator's rights: by key, by session, or because the server is bound to loopback.</param>
/// <param name="SessionEndsAt">When the session of this browser ends; null when it has none.</param>
internal sealed record OperatorView(bool IsOperator, DateTimeOffset? SessionEndsAt);
