using System.Text.Json;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>What becomes of a session's source: another file of its torrent, other subtitles in its picture, or a title of the library.</summary>
internal static class SessionChoiceEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapSessionChoices(this RouteGroupBuilder sessions, IEndpointRouteBuilder routes)
    {
        sessions.MapPost("/{session}/file", ChooseAsync).RequireSessionRights(routes)
            .Accepts<FileRequest>("application/json").Produces<SessionView>()
            .WithSummary("Play another file of the session's torrent, for all who watch.");
        sessions.MapPut("/{session}/subtitles/burned", BurnAsync).RequireSessionRights(routes)
            .Accepts<BurnRequest>("application/json").Produces<SessionView>()
            .WithSummary("Draw subtitles that are pictures into what a session plays, for all who watch; `track` is null for none.");
        sessions.MapPost("/{session}/keep", KeepAsync).RequireOperator().Produces<SessionView>(StatusCodes.Status202Accepted)
            .WithSummary("Take what the session plays into the library, all of it; that goes on when the session ends.");
    }

    private static async Task<IResult> ChooseAsync(string session, HttpContext context, SessionDesk desk, SessionJoining joining, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body
            || !body.TryGetProperty("index", out var given) || given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out var index))
        {
            return Problem.Result(ErrorCode.RequestInvalid, "Send a JSON object with `index`, the number of a file in the session's list.");
        }

        if (!AssetId.TryParse(session, null, out var id))
        {
            return Problem.Result(ErrorCode.SessionUnknown);
        }

        try
        {
            var chosen = await desk.ChooseAsync(id, index, ct);
            return SessionEndpoints.Shown(await joining.ViewAsync(context.Request, chosen, desk.Idle, ct));
        }
        catch (SessionException e)
        {
            return SessionEndpoints.Refused(context, e);
        }
    }

    private static async Task<IResult> BurnAsync(string session, HttpContext context, SessionDesk desk, SessionJoining joining, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !JsonBody.TryTrack(body, out var track))
        {
            return Problem.Result(ErrorCode.RequestInvalid, JsonBody.TrackRule);
        }

        if (!AssetId.TryParse(session, null, out var id))
        {
            return Problem.Result(ErrorCode.SessionUnknown);
        }

        try
        {
            var drawn = await desk.BurnAsync(id, track, ct);
            return SessionEndpoints.Shown(await joining.ViewAsync(context.Request, drawn, desk.Idle, ct));
        }
        catch (SessionException e)
        {
            return SessionEndpoints.Refused(context, e);
        }
    }

    private static async Task<IResult> KeepAsync(
        string session, HttpContext context, SessionDesk desk, SessionKeeping keeping, SessionJoining joining, CancellationToken ct)
    {
        if (!AssetId.TryParse(session, null, out var id) || !desk.TryGet(id, out var found))
        {
            return Problem.Result(ErrorCode.SessionUnknown);
        }

        try
        {
            var import = await keeping.KeepAsync(found, ct);
            context.Response.Headers.Location = $"/api/v1/imports/{import.Id}";
            return SessionEndpoints.Shown(await joining.ViewAsync(context.Request, found, desk.Idle, ct), StatusCodes.Status202Accepted);
        }
        catch (SessionException e)
        {
            return SessionEndpoints.Refused(context, e);
        }
        catch (IntakeRefusedException e)
        {
            context.Response.Headers.RetryAfter = "60";
            return Problem.Result(e.Error, e.Detail);
        }
    }
}
