using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>A session as the API shows it.</summary>
/// <param name="Id">Its name in the link; whoever has it may join.</param>
/// <param name="Title">Text; never markup.</param>
/// <param name="Source">What it plays: an address without user, password and query, or the id of a title.</param>
/// <param name="State"><c>opening</c>, <c>ready</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it does not play, or null.</param>
/// <param name="Link">The invitation.</param>
/// <param name="Playable">What is played; null while that is not known.</param>
/// <param name="Playback">Links for who joins; null in lists, and while there is nothing to play.</param>
/// <param name="Room">Path of the WebSocket of those who watch it (docs/rooms.md).</param>
/// <param name="Viewers">Viewers that were heard of lately.</param>
/// <param name="FetchedBytes">Bytes that came from elsewhere for it.</param>
/// <param name="SizeBytes">Bytes of all of it, or null.</param>
/// <param name="CreatedAt">When it was begun.</param>
internal sealed record SessionView(
    string Id,
    string Title,
    string Source,
    string State,
    string? Reason,
    string Link,
    PlayableView? Playable,
    SessionPlayback? Playback,
    string Room,
    int Viewers,
    long FetchedBytes,
    long? SizeBytes,
    DateTimeOffset CreatedAt)
{
    /// <summary>What who asked may do with it; null in lists and in answers to heartbeats.</summary>
    public SessionAbilities? May { get; init; }

    /// <summary>How it comes from a swarm; null when it does not.</summary>
    public TorrentView? Torrent { get; init; }

    /// <summary>Its subtitles that are pictures; null when what it plays is no file on another server or in a torrent.</summary>
    public DrawnView? Subtitles { get; init; }

    /// <summary>What is kept of it in the library; null in lists, in answers to heartbeats, and when nobody asked for that.</summary>
    public KeptView? Kept { get; init; }

    /// <summary>The view of a session of another node, as that said last; null when this version cannot read it.</summary>
    public static SessionView? Of(HttpRequest request, SessionRow row) => SessionGlance.Of(row) is not { } glance ? null : new(
        row.Id.Value,
        glance.Title,
        glance.Source,
        NameOf(glance.State),
        glance.Reason,
        LinkOf(request, row.Id),
        row.Plays is { } plays ? new PlayableView(glance.IsChannel ? "channel" : "asset", plays, glance.Film ?? plays) : null,
        null,
        SessionRooms.PathOf(row.Id),
        glance.Viewers,
        glance.FetchedBytes,
        glance.SizeBytes,
        row.CreatedAt);

    /// <summary>The view of <paramref name="session"/>.</summary>
    public static SessionView Of(HttpRequest request, Session session, TimeSpan idle, SessionPlayback? playback = null) => new(
        session.Id.Value,
        session.Title,
        session.Wish.Shown,
        NameOf(session.State),
        session.Reason,
        LinkOf(request, session.Id),
        session.Opened is { } opened ? PlayableView.Of(opened) : null,
        playback,
        SessionRooms.PathOf(session.Id),
        session.Viewers.Count(idle),
        session.Opened?.FetchedBytes ?? 0,
        session.Opened?.SizeBytes,
        session.CreatedAt)
    {
        Torrent = session.Torrent is { } torrent ? TorrentView.Of(torrent) : null,
        Subtitles = session.Opened is SessionTitle title ? DrawnView.Of(title) : null,
    };

    private static string NameOf(SessionState state) => state switch { SessionState.Opening => "opening", SessionState.Ready => "ready", _ => "failed" };

    private static string LinkOf(HttpRequest request, AssetId session) => $"{PublicAddress.Of(request)}/sessions/{session}";
}

/// <summary>What somebody may do with a session, beside watching.</summary>
/// <param name="Control">End it, or choose what it plays, and what is drawn into its picture.</param>
/// <param name="Keep">Take it into the library.</param>
internal sealed record SessionAbilities(bool Control, bool Keep);

/// <summary>What a session plays.</summary>
/// <param name="Kind"><c>asset</c> or <c>channel</c>.</param>
/// <param name="Id">Id of the asset, or name of the channel.</param>
/// <param name="Film">The same for all that is made of one film: who goes from one to the other stays where they are.</param>
internal sealed record PlayableView(string Kind, string Id, string Film)
{
    /// <summary>The view of <paramref name="opened"/>.</summary>
    public static PlayableView Of(OpenedSource opened) => opened.Asset is { } asset
        ? new PlayableView("asset", asset.Value, opened.Film)
        : new PlayableView("channel", opened.Channel!, opened.Film);
}

/// <summary>All that a person needs to watch along. URLs are absolute and carry the token.</summary>
/// <param name="Hls">The HLS playlist.</param>
/// <param name="Dash">The MPD; null for a channel.</param>
/// <param name="Ts">The endless MPEG-TS body; null for an asset.</param>
/// <param name="Watch">The page for people.</param>
/// <param name="Token">The token alone.</param>
/// <param name="ExpiresAt">From when on it opens nothing.</param>
internal sealed record SessionPlayback(string Hls, string? Dash, string? Ts, string Watch, string? Token, DateTimeOffset? ExpiresAt)
{
    /// <summary>Links to an asset.</summary>
    public static SessionPlayback Of(PlaybackLinks links, AssetId session) =>
        new(links.Hls, links.Dash, null, WatchOf(links.Watch, session), links.Token, links.ExpiresAt);

    /// <summary>Links to a channel.</summary>
    public static SessionPlayback Of(ChannelLinks links, AssetId session) =>
        new(links.Hls, null, links.Ts, WatchOf(links.Watch, session), links.Token, links.ExpiresAt);

    /// <summary>The page is told of the session, so that it keeps it alive while nothing is played.</summary>
    private static string WatchOf(string page, AssetId session) => $"{page}{(page.Contains('?', StringComparison.Ordinal) ? '&' : '?')}session={session}";
}

/// <summary>Sessions.</summary>
/// <param name="Items">Newest first.</param>
internal sealed record SessionList(IReadOnlyList<SessionView> Items);

/// <summary>A wish for a session: one of both. A form with a .torrent file in the field <c>torrent</c> is one, too.</summary>
/// <param name="Url">An http or https URL of a file, an HLS playlist, or a page with a video; or a magnet link.</param>
/// <param name="MediaId">Id of a title of the library.</param>
/// <param name="Title">Shown to people; made of the source's name when absent.</param>
/// <param name="File">Number of the torrent's file to play; the largest video when absent.</param>
/// <param name="BurnSubtitles">Track number or language of subtitles that are pictures, to be drawn into the picture; none when absent.</param>
internal sealed record SessionRequest(string? Url, string? MediaId, string? Title, int? File = null, string? BurnSubtitles = null);

/// <summary>A sign of life.</summary>
/// <param name="Viewer">Tells this viewer from others, 64 characters at most; when absent, its address does.</param>
internal sealed record HeartbeatRequest(string? Viewer);
