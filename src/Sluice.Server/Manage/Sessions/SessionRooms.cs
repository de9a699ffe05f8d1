using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Rooms;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>
/// The rooms of sessions: for whoever has a session's link, whatever it plays.
/// <code>
/// GET …/{session}/room ──▶ is it open? ──▶ RoomSockets, with what it plays at the moment of the hello
///     every 5 s: does it still run? ──▶ yes: somebody is there, so it goes on
/// SessionDesk: it plays something else ──▶ its room does too
/// </code>
/// </summary>
internal sealed class SessionRooms
{
    private const string Invited = "the link names the session, and cannot be guessed: whoever was given it may watch along";

    /// <summary>How long a WebSocket waits for a session that is being opened, before its page is told to come again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SessionDesk _desk;
    private readonly AssetDirectory _assets;
    private readonly RoomDirectory _rooms;
    private readonly RoomSockets _sockets;
    private readonly TimeProvider _clock;

    public SessionRooms(SessionDesk desk, AssetDirectory assets, RoomDirectory rooms, RoomSockets sockets, TimeProvider clock)
    {
        (_desk, _assets, _rooms, _sockets, _clock) = (desk, assets, rooms, sockets, clock);
        desk.Turned += session =>
        {
            if (session.Opened is { } opened)
            {
                rooms.Turn(SubjectOf(session, opened));
            }
        };
    }

    /// <summary>Where the room of a session is, for pages of this server.</summary>
    public static string PathOf(AssetId session) => $"/api/v1/sessions/{session}/room";

    /// <summary>Maps the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/sessions/{session}/room", (string session, HttpContext context, SessionRooms rooms) => rooms.EnterAsync(session, context))
            .AllowAnyone(Invited).WithTags("sessions").Produces(StatusCodes.Status101SwitchingProtocols)
            .WithSummary("A WebSocket: a session watched together. docs/rooms.md has its messages.");

    private async Task EnterAsync(string session, HttpContext context)
    {
        if (!AssetId.TryParse(session, null, out var id) || !_desk.TryGet(id, out var found))
        {
            await Problem.WriteAsync(context, ErrorCode.SessionUnknown);
            return;
        }

        found.Viewers.Hear();
        await OpenedAsync(found, context.RequestAborted);
        if (found.State == SessionState.Opening)
        {
            context.Response.Headers.RetryAfter = "2";
            await Problem.WriteAsync(context, ErrorCode.SessionOpening);
            return;
        }

        if (!await StillOpensAsync(found, context.RequestAborted) || found.Opened is not { } opened)
        {
            await Problem.WriteAsync(context, ErrorCode.SourceUnusable, found.Reason);
            return;
        }

        // Another node that has it now has its room, too: whoever is here is cut off, and comes again there.
        var lost = found.Share?.Hold?.Lost ?? default;
        context.Features.Set(new RoomStay(static () => { }, lost));
        await using var drop = lost.Register(() => _rooms.Drop(RoomKey.Session(id)));

        // While it is being opened anew it is still about what it was about.
        var subject = SubjectOf(found, opened);
        await _sockets.ServeAsync(context, new RoomDoor(
            () => subject = found.Opened is { } now ? SubjectOf(found, now) : subject,
            ct => StillOpensAsync(found, ct)));
    }

    private RoomSubject SubjectOf(Session session, OpenedSource opened)
    {
        var length = opened.Asset is { } id && _assets.TryGet(id, out var asset) && asset.DurationSeconds > 0 ? asset.DurationSeconds : double.PositiveInfinity;
        return new RoomSubject(RoomKey.Session(session.Id), IsSynchronized: opened.Asset is not null, length, opened.Film);
    }

    private async ValueTask<bool> StillOpensAsync(Session session, CancellationToken ct)
    {
        // Whether the links to a title were revoked is only known of one that is in memory.
        if (session.Opened?.Asset is { } asset)
        {
            await _assets.FindAsync(asset, ct);
        }

        if (!_desk.TryGet(session.Id, out _) || (session.State == SessionState.Failed && !session.MayChoose))
        {
            return false;
        }

        session.Viewers.Hear(); // Browsers let pages that nobody looks at beat once a minute; their sockets stand.
        return true;
    }

    /// <summary>Waits a little for it to be open, or to have come to nothing.</summary>
    private async Task OpenedAsync(Session session, CancellationToken ct)
    {
        try
        {
            await session.Opening.WaitAsync(Patience, _clock, ct);
        }
        catch (TimeoutException)
        {
            // Its state says so.
        }
    }
}
