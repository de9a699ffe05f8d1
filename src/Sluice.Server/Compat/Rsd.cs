using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Deliver;
using Sluice.Server.Hosting;
using Sluice.Server.Manage.Sessions;
using Sluice.Server.Processes;
using Sluice.Server.Sessions;

namespace Sluice.Server.Compat;

/// <summary>
/// The routes of the streamer for several viewers (RSD), over the same sessions as the native API. Each browser names itself (<c>sid</c>); those that
/// ask for the same source watch one session. What a session plays comes from the one gate: the playlist leads there, with a token.
/// Errors are <c>{"error":…}</c>.
/// </summary>
internal static class Rsd
{
    private const int LongestName = 64;

    /// <summary>Where others reach the server, whoever guesses a name watches along. The page of RSD names itself by a UUID.</summary>
    private const int ShortestSecretName = 16;

    private const int MostFormBytes = 64 << 10;
    private const string Named = "a browser names itself by what nobody can guess, and who knows the name is that browser";

    /// <summary>Maps the routes.</summary>
    public static void MapRsd(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("RSD");
        api.MapPost("/stream/{sid}", StartAsync).RequireSessionRights(routes).LimitRate(RateKind.Uploads)
            .Accepts<RsdForm>("application/x-www-form-urlencoded").Produces<RsdAnswer>()
            .WithSummary("Watch what the field `url` or `magnet` names; who asks for the same watches the same session.");
        api.MapPost("/stop/{sid}", StopAsync).AllowAnyone(Named).Produces<RsdAnswer>()
            .WithSummary("A browser watches no more; the last one ends the session.");
        api.MapPost("/heartbeat/{sid}", BeatAsync).AllowAnyone(Named).Produces<RsdAnswer>()
            .WithSummary("A browser says every 15 seconds that it watches.");
        api.MapGet("/status", Status).AllowAnyone("says whether ffmpeg is installed here, as the page of RSD asks before anybody has a name")
            .Produces<RsdStatus>().WithSummary("Whether what is needed is there.");
        api.MapMethods("/streams/{sid}/playlist.m3u8", [HttpMethods.Get, HttpMethods.Head], PlaylistAsync).AllowAnyone(Named)
            .WithSummary("Leads to the HLS playlist of what a browser watches.");
    }

    private static async Task<IResult> StartAsync(string sid, HttpContext context, RsdSessions sessions, RsdTurns turns, OpenDoor door, CancellationToken ct)
    {
        if (turns.IsShared)
        {
            context.Request.EnableBuffering();
        }

        if (!IsName(sid, door.IsOpen ? 1 : ShortestSecretName))
        {
            return Error(StatusCodes.Status400BadRequest, door.IsOpen
                ? $"A session id has 1 to {LongestName} letters, digits, hyphens or underscores."
                : $"A session id has {ShortestSecretName} to {LongestName} letters, digits, hyphens or underscores: whoever guesses it watches along.");
        }

        if (await SourceAsync(context.Request, ct) is not { Length: > 0 } source)
        {
            return Error(StatusCodes.Status400BadRequest, "Send a form with the field url (or magnet).");
        }

        try
        {
            for (var isLast = !turns.IsShared; ; isLast = true)
            {
                var wish = SessionWish.OfLink(source);
                if (await turns.JoinElsewhereAsync(context, wish))
                {
                    return Results.Empty;
                }

                try
                {
                    await sessions.OpenAsync(sid, wish, isBySource: true, ct);
                    await turns.TakeAsync(sid, ct);
                    return Answer("ok");
                }
                catch (SessionException e) when (e.IsOnAnotherNode && !isLast)
                {
                    // Another node was faster; this one joins.
                }
            }
        }
        catch (SessionException e)
        {
            if (e.RetryAfter is { } later)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(later.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            return Error(e.Error.Status, e.Message);
        }
    }

    private static async Task<IResult> StopAsync(string sid, HttpContext context, RsdSessions sessions, RsdTurns turns, CancellationToken ct)
    {
        if (await turns.PassAsync(context, sid))
        {
            return Results.Empty;
        }

        await sessions.LeaveAsync(sid);
        await turns.LetGoAsync(sid, ct);
        return Answer("stopped");
    }

    private static async Task<IResult> BeatAsync(string sid, HttpContext context, RsdSessions sessions, RsdTurns turns, CancellationToken ct)
    {
        if (await turns.PassAsync(context, sid))
        {
            return Results.Empty;
        }

        if (!sessions.TryGet(sid, out var session))
        {
            return Answer("session_not_found", StatusCodes.Status404NotFound);
        }

        session.Viewers.Hear(sid);
        await turns.HearAsync(sid, ct);
        return Answer("ok");
    }

    /// <summary>Nothing that mpv did is missing here, installed or not.</summary>
    private static IResult Status(FfmpegTools tools) => Json(new RsdStatus(tools.Program is not null, Mpv: true), RsdJson.Default.RsdStatus);

    private static async Task PlaylistAsync(
        string sid, HttpContext context, RsdSessions sessions, RsdTurns turns, SessionJoining joining, AssetDirectory assets, CancellationToken ct)
    {
        if (await turns.PassAsync(context, sid))
        {
            return;
        }

        if (!sessions.TryGet(sid, out var session))
        {
            await Error(StatusCodes.Status404NotFound, "Session not found.").ExecuteAsync(context);
            return;
        }

        session.Viewers.Hear(sid);
        context.Response.Headers.CacheControl = "no-store";
        if (!session.Opening.IsCompleted)
        {
            // As there: its page asks again every second until there is one.
            await Error(StatusCodes.Status404NotFound, "The stream is still being opened.").ExecuteAsync(context);
            return;
        }

        if (await joining.PlaybackAsync(context.Request, session, ct) is not { } playback)
        {
            await Error(StatusCodes.Status502BadGateway, session.Reason ?? ErrorCode.SourceUnusable.Title).ExecuteAsync(context);
            return;
        }

        if (session.Opened?.Asset is { } id && playback is { Token: { } token, ExpiresAt: { } end }
            && await assets.FindAsync(id, ct) is { State: AssetState.Ready } asset)
        {
            context.Features.Set<IPlayableFeature>(new PlayableFeature(asset, token, end));
            await DeliveryEndpoints.WithAsset(context, (c, open) => LeadAsync(c, open, playback));
            return;
        }

        context.Response.Redirect(playback.Hls);
    }

    /// <summary>To MPEG-TS segments, for which RSD's page waits, or to what there is instead where MPEG-TS does not carry the codecs.</summary>
    private static Task LeadAsync(HttpContext context, OpenAsset asset, SessionPlayback playback)
    {
        context.Response.Redirect(TsRendition.Default(asset.Tracks) is { } rendition
            ? $"{PublicAddress.Of(context.Request)}/stream/{asset.Id}/{asset.Version}/ts/{rendition.Name}/index.m3u8?token={playback.Token}"
            : playback.Hls);
        return Task.CompletedTask;
    }

    private static async Task<string?> SourceAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
        {
            return null;
        }

        try
        {
            var limits = new FormOptions
            {
                BufferBodyLengthLimit = MostFormBytes,
                MultipartBodyLengthLimit = MostFormBytes,
                ValueLengthLimit = MostFormBytes,
                ValueCountLimit = 16,
            };
            var form = await request.ReadFormAsync(limits, ct);
            return (form["url"].ToString() is { Length: > 0 } url ? url : form["magnet"].ToString()).Trim();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Whether a browser may name itself so.</summary>
    public static bool IsName(string name, int shortest) =>
        name.Length >= shortest && name.Length <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static IResult Answer(string status, int code = StatusCodes.Status200OK) => Json(new RsdAnswer(status), RsdJson.Default.RsdAnswer, code);

    private static IResult Error(int code, string error) => Json(new RsdError(error), RsdJson.Default.RsdError, code);

    private static IResult Json<T>(T body, JsonTypeInfo<T> type, int code = StatusCodes.Status200OK) => Results.Json(body, type, statusCode: code);
}
