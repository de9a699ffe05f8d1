using System.Globalization;
using System.Text.Json;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>Sessions: <c>/api/v1/sessions</c>. The link that invites to one, <c>/sessions/{session}</c>, is a page of the app.</summary>
internal static class SessionEndpoints
{
    private const int LongestViewer = 64;
    private const string Invited = "the link names the session, and cannot be guessed: whoever was given it may join";

    /// <summary>Maps the routes.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/v1/sessions").WithTags("sessions");
        sessions.MapPost("/", BeginAsync).RequireSessionRights(routes).LimitRate(RateKind.Uploads)
            .Accepts<SessionRequest>("application/json", "multipart/form-data").Produces<SessionView>().Produces<SessionView>(StatusCodes.Status201Created)
            .WithSummary("Watch a file on another server, an HLS playlist, a torrent or a title together; who names the same source joins the session that runs.");
        sessions.MapGet("/", ListAsync).RequireOperator().Produces<SessionList>()
            .WithSummary("All sessions, newest first.");
        sessions.MapGet("/{session}", GetAsync).AllowAnyone(Invited).Produces<SessionView>()
            .WithSummary("Join a session: how it is, and links to watch along.");
        sessions.MapPost("/{session}/heartbeat", BeatAsync).AllowAnyone(Invited)
            .Accepts<HeartbeatRequest>("application/json").Produces<SessionView>()
            .WithSummary("Say every 15 seconds that somebody watches; a session of which nobody is heard ends.");
        sessions.MapDelete("/{session}", EndAsync).RequireSessionRights(routes).Produces(StatusCodes.Status204NoContent)
            .WithSummary("End a session; nothing is left of it.");
        sessions.MapSessionChoices(routes);
    }

    private static async Task<IResult> BeginAsync(
        HttpContext context, SessionDesk desk, SessionJoining joining, SessionScratch scratch, OperatorAccess operators, CancellationToken ct)
    {
        var shared = context.RequestServices.GetService<SharedSessions>(); // Where there are several nodes.
        if (shared is not null)
        {
            context.Request.EnableBuffering();
        }

        var (wish, problem) = await SessionForm.ReadAsync(context.Request, scratch, ct);
        if (wish is null)
        {
            return problem!;
        }

        // Where anyone may begin a session, nobody is given a title of the library by its name alone.
        if (wish is SessionWish.Media && operators.Check(context.Request) is { } refusal)
        {
            return Problem.Result(refusal.Code, refusal.Detail);
        }

        for (var isLast = shared is null; ; isLast = true)
        {
            if (shared is not null && await SessionPassing.JoinElsewhereAsync(context, wish, shared))
            {
                return Results.Empty;
            }

            try
            {
                var (session, isNew) = await desk.JoinAsync(wish, ct, isBySource: true);
                context.Response.Headers.Location = $"/api/v1/sessions/{session.Id}";
                return Shown(
                    await joining.ViewAsync(context.Request, session, desk.Idle, ct),
                    isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
            }
            catch (SessionException e) when (!e.IsOnAnotherNode || isLast)
            {
                return Refused(context, e);
            }
            catch (SessionException)
            {
                // Another node was faster; this one joins.
            }
        }
    }

    /// <summary>The answer to who cannot have a session.</summary>
    public static IResult Refused(HttpContext context, SessionException e)
    {
        if (e.RetryAfter is { } later)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(later.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return Problem.Result(e.Error, e.Message);
    }

    private static async Task<IResult> ListAsync(HttpContext context, SessionDesk desk, CancellationToken ct)
    {
        var here = desk.All.Select(session => SessionView.Of(context.Request, session, desk.Idle));
        var elsewhere = context.RequestServices.GetService<SharedSessions>() is { } shared ? await shared.OthersAsync(ct) : [];
        SessionView[] all = [.. here, .. elsewhere.Select(row => SessionView.Of(context.Request, row)).OfType<SessionView>()];
        return TypedResults.Json(new SessionList([.. all.DistinctBy(view => view.Id).OrderByDescending(view => view.CreatedAt)]), ManageJson.Default.SessionList);
    }

    private static async Task<IResult> GetAsync(string session, HttpContext context, SessionDesk desk, SessionJoining joining, CancellationToken ct)
    {
        if (!TryFind(desk, session, out var found))
        {
            return Problem.Result(ErrorCode.SessionUnknown);
        }

        found.Viewers.Hear();
        return Shown(await joining.ViewAsync(context.Request, found, desk.Idle, ct));
    }

    private static async Task<IResult> BeatAsync(string session, HttpContext context, SessionDesk desk, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || TextOf(body, "viewer") is { Length: > LongestViewer })
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"Send nothing, or a JSON object with `viewer`, a text of at most {LongestViewer} characters.");
        }

        if (!TryFind(desk, session, out var found))
        {
            return Problem.Result(ErrorCode.SessionUnknown);
        }

        found.Viewers.Hear(TextOf(body, "viewer") ?? context.Connection.RemoteIpAddress?.ToString() ?? "");
        return Shown(SessionView.Of(context.Request, found, desk.Idle));
    }

    private static async Task<IResult> EndAsync(string session, HttpContext context, SessionDesk desk)
    {
        try
        {
            return AssetId.TryParse(session, null, out var id) && await desk.EndAsync(id) ? TypedResults.NoContent() : Problem.Result(ErrorCode.SessionUnknown);
        }
        catch (SessionException e)
        {
            return Refused(context, e);
        }
    }

    private static bool TryFind(SessionDesk desk, string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Session? session)
    {
        session = null;
        return AssetId.TryParse(text, null, out var id) && desk.TryGet(id, out session);
    }

    /// <summary>The answer with a session.</summary>
    public static IResult Shown(SessionView view, int status = StatusCodes.Status200OK) =>
        TypedResults.Json(view, ManageJson.Default.SessionView, statusCode: status);

    /// <summary>A text of a body, or null.</summary>
    public static string? TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
