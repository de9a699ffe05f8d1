using Sluice.Server.Outbound;

namespace Sluice.Server.Hosting;

/// <summary>
/// The one table of errors that a client can meet. <see cref="Code"/> is stable: clients may match on it. Every row
/// is documented in <c>docs/errors.md</c> (a test holds that).
/// </summary>
/// <param name="Code">Stable kebab-case name.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">What went wrong, in one line.</param>
/// <param name="Hint">What the reader can do next.</param>
internal sealed record ErrorCode(string Code, int Status, string Title, string Hint)
{
    public static readonly ErrorCode MediaUnknown = new("media-unknown", 404, "There is no such media.",
        "Check the id; an expired title is removed for good.");

    public static readonly ErrorCode SegmentUnknown = new("segment-unknown", 404, "There is no such track or segment.",
        "Load the playlist again.");

    public static readonly ErrorCode TokenMissing = new("token-missing", 403, "A playback token is needed.",
        "Open the link as it was given to you, with its token.");

    public static readonly ErrorCode TokenInvalid = new("token-invalid", 403, "The playback token is not valid.",
        "Ask for a new link.");

    public static readonly ErrorCode TokenExpired = new("token-expired", 403, "The link has expired.",
        "Ask for a new link.");

    public static readonly ErrorCode TokenRevoked = new("token-revoked", 403, "The link has been revoked.",
        "Ask for a new link.");

    public static readonly ErrorCode TokenBound = new("token-bound", 403, "The link is for another address.",
        "Open it where it was given to you, or ask for a link for this address.");

    public static readonly ErrorCode ViewsUsedUp = new("views-used-up", 403, "The link has been viewed as often as it may be.",
        "Ask for a new link.");

    public static readonly ErrorCode TooManyRequests = new("too-many-requests", 429, "So many requests of one address are not answered.",
        "Wait as long as Retry-After says; whoever runs this server can raise the limit that the detail names.");

    public static readonly ErrorCode MediaExpired = new("media-expired", 403, "The media has expired.",
        "Its owner can extend it for a short while.");

    public static readonly ErrorCode KeyMissing = new("key-missing", 401, "A key is needed.",
        "Send the operator key as `Authorization: Bearer …`, or the title's admin key as `X-Admin-Key`.");

    public static readonly ErrorCode KeyInvalid = new("key-invalid", 403, "The key is not valid.",
        "Use the admin key that was shown at upload, or the operator key of this server.");

    public static readonly ErrorCode HostRefused = new("host-refused", 421, "This server does not answer to that host name.",
        "Add the name to server.allowedHosts in the configuration.");

    public static readonly ErrorCode RequestInvalid = new("request-invalid", 422, "The request cannot be understood.",
        "See /docs.");

    public static readonly ErrorCode MediaUnreadable = new("media-unreadable", 415, "The file is no video or audio that can be played.",
        "Send a video or sound file; `sluice probe FILE` says what can be made of it.");

    public static readonly ErrorCode MediaNotReady = new("media-not-ready", 409, "The media cannot be played yet.",
        "Its codecs need encoding first.");

    public static readonly ErrorCode MediaProcessing = new("media-processing", 503, "The media is being prepared.",
        "Ask again in a moment; its events tell how far it is.");

    public static readonly ErrorCode DashUnavailable = new("dash-unavailable", 409, "The media is encrypted as only HLS has it; there is no MPD.",
        "Play it by HLS (master.m3u8).");

    public static readonly ErrorCode MediaArriving = new("media-arriving", 503, "The media is still arriving.",
        "Meanwhile it plays by HLS (master.m3u8); ask again when it has arrived.");

    public static readonly ErrorCode SegmentPending = new("segment-pending", 503, "The segment is being made.",
        "Ask again in a moment.");

    public static readonly ErrorCode SegmentFailed = new("segment-failed", 500, "The segment cannot be made.",
        "The title's job says why; it can be tried again there.");

    public static readonly ErrorCode ExtraUnknown = new("extra-unknown", 404, "The title has no such picture or subtitles.",
        "They are made in the background after an upload; the title's jobs say what is missing, and why.");

    public static readonly ErrorCode DownloadRefused = new("download-refused", 403, "The title's file is not given away.",
        "Watch it here, or ask its owner: downloads are allowed for a title, or for all with access.downloads.");

    public static readonly ErrorCode SubtitlesUnreadable = new("subtitles-unreadable", 422, "The subtitles cannot be read.",
        "Send a SubRip (.srt) or WebVTT (.vtt) file.");

    public static readonly ErrorCode SubtitlesTooLarge = new("subtitles-too-large", 413, "The subtitles are larger than 2 MiB.",
        "Send the text alone.");

    public static readonly ErrorCode SubtitlesNotDrawable = new("subtitles-not-drawable", 422, "These subtitles cannot be drawn into the picture.",
        "Name a track whose subtitles are pictures, by its number or its language.");

    public static readonly ErrorCode UploadTooLarge = new("upload-too-large", 413, "The upload is larger than this server allows.",
        "Raise ingest.maxUploadBytes in the configuration.");

    public static readonly ErrorCode DiskFull = new("disk-full", 507, "There is no room left on the server's disk.",
        "Free some space or lower storage.reserveBytes; an upload in pieces goes on from where it is, nothing was kept of any other.");

    public static readonly ErrorCode UploadUnknown = new("upload-unknown", 404, "There is no such upload.",
        "It was given up, it expired, or it was made with another key; begin anew.");

    public static readonly ErrorCode UploadBusy = new("upload-busy", 423, "Another request appends to this upload.",
        "Ask where the upload is (HEAD) in a moment, and go on from there.");

    public static readonly ErrorCode UploadOffset = new("upload-offset", 409, "The upload is at another offset.",
        "Ask where it is (HEAD), and go on from there.");

    public static readonly ErrorCode UploadGone = new("upload-gone", 410, "The upload has ended without a title.",
        "Begin anew; the detail says why it ended.");

    public static readonly ErrorCode UploadFinal = new("upload-final", 403, "An upload that was made of parts takes no more bytes.",
        "It is whole; ask for it (HEAD).");

    public static readonly ErrorCode UploadChecksum = new("upload-checksum", 460, "The bytes are not those of the checksum.",
        "Nothing of the request was kept: send it again.");

    public static readonly ErrorCode TusVersion = new("tus-version", 412, "The client speaks another version of tus.",
        "Send Tus-Resumable: 1.0.0 with every request.");

    public static readonly ErrorCode UploadInterrupted = new("upload-interrupted", 400, "The upload ended before its end.",
        "Send it again.");

    public static readonly ErrorCode AddressRefused = new("address-refused", 422, OutboundException.Refusal,
        "Give an http or https URL of the public internet; outbound.allow in the configuration opens others.");

    public static readonly ErrorCode ImportUnknown = new("import-unknown", 404, "There is no such import.",
        "Check the id; imports that have ended are forgotten after a week.");

    public static readonly ErrorCode ImportsFull = new("imports-full", 503, "As many imports as this server takes are waiting.",
        "Try again when some of them have ended.");

    public static readonly ErrorCode RouteUnknown = new("route-unknown", 404, "There is nothing at this address.",
        "See /docs.");

    public static readonly ErrorCode MethodNotAllowed = new("method-not-allowed", 405, "This address does not take that method.",
        "See the Allow header of this answer, or /docs.");

    public static readonly ErrorCode OriginRefused = new("origin-refused", 403, "Another site's page may not do this here.",
        "Do it from this server's own pages, send the operator key, or have the site allowed: allowedOrigins of the title or of `access` for playing, of `server` for the rest.");

    public static readonly ErrorCode ServerBusy = new("server-busy", 503, "As many uploads as this server takes are running.",
        "Try again in a moment, or raise the limit that the detail names in the configuration.");

    public static readonly ErrorCode JobUnknown = new("job-unknown", 404, "There is no such job.",
        "Check the id; jobs go with their title.");

    public static readonly ErrorCode QueueUnreachable = new("queue-unreachable", 503, "The broker does not answer.",
        "GET /api/v1/queue tells why; work goes on meanwhile, found in the catalog.");

    public static readonly ErrorCode PublishTargetUnknown = new("publish-target-unknown", 422, "There is no such place to publish to.",
        "Name one that publish.targets in the configuration has.");

    public static readonly ErrorCode PublishBusy = new("publish-busy", 409, "The title is being published there, or taken away from there.",
        "Its job tells how far it is; ask again when that has ended.");

    public static readonly ErrorCode PublishConflict = new("publish-conflict", 409, "The title is published there in another form.",
        "Unpublish it there first, or name another place.");

    public static readonly ErrorCode PublishEncrypted = new("publish-encrypted", 409, "The title is encrypted, and published files would be in the clear.",
        "Let players fetch it from this server, or take its encryption off first.");

    public static readonly ErrorCode MediaPublished = new("media-published", 409, "The title is published in the clear, where no encryption would help.",
        "Unpublish it first; GET /api/v1/media/{id}/publish tells where it is.");

    public static readonly ErrorCode PublicationUnknown = new("publication-unknown", 404, "The title is not published there.",
        "GET /api/v1/media/{id}/publish tells where it is.");

    public static readonly ErrorCode ListenersFull = new("listeners-full", 503, "As many event streams as this server has are open.",
        "Close a page that shows progress, or ask again in a moment; the same is in GET /api/v1/jobs.");

    public static readonly ErrorCode ChannelUnknown = new("channel-unknown", 404, "There is no such channel.",
        "Check the name; names are lower-case letters, digits and hyphens.");

    public static readonly ErrorCode ChannelOff = new("channel-off", 503, "The channel is switched off.",
        "Whoever runs this server can switch it on.");

    public static readonly ErrorCode ChannelWarming = new("channel-warming", 503, "The channel is starting.",
        "Ask again in a moment.");

    public static readonly ErrorCode UpstreamUnusable = new("upstream-unusable", 502, "The channel's source cannot be used.",
        "The detail says why; the channel is tried again when somebody asks for it.");

    public static readonly ErrorCode ChannelFull = new("channel-full", 503, "There are as many viewers as there may be.",
        "Come again when somebody has left. Whoever runs this server can allow more: maxViewers of the channel, or live.maxViewers.");

    public static readonly ErrorCode ChannelConfigured = new("channel-configured", 409, "The channel is one of the configuration file.",
        "Change it there; the file is read again when it changes.");

    public static readonly ErrorCode RecordingRuns = new("recording-runs", 409, "The channel is being recorded already.",
        "Its status tells of that recording; end it, or record another channel.");

    public static readonly ErrorCode RecordingUnknown = new("recording-unknown", 404, "The channel is not being recorded.",
        "A recording that has ended is in the library, or in GET /api/v1/imports with the reason why not.");

    public static readonly ErrorCode WebSocketNeeded = new("websocket-needed", 426, "Only a WebSocket can be opened here.",
        "Open this address as ws:// or wss://; behind a proxy, let it hand on the Upgrade and Connection headers.");

    public static readonly ErrorCode SessionUnknown = new("session-unknown", 404, "There is no such session.",
        "It was ended, or nobody watched for a while; begin it again with the same link or file.");

    public static readonly ErrorCode SessionOpening = new("session-opening", 503, "The session is still being opened.",
        "Come again in a moment.");

    public static readonly ErrorCode SessionsFull = new("sessions-full", 429, "As many sessions as this server takes are running.",
        "End one, wait until one is left by all its viewers, or raise the limit that the detail names in the configuration.");

    public static readonly ErrorCode SourceUnusable = new("source-unusable", 502, "The source cannot be read from where it is.",
        "The detail says why; try again, or import the file.");

    public static readonly ErrorCode SourceUnsupported = new("source-unsupported", 422, "The source cannot be played while it stays where it is.",
        "The detail says why; import it (POST /api/v1/imports) to have it encoded or repackaged here.");

    public static readonly ErrorCode SourcePending = new("source-pending", 503, "The source has not come so far yet.",
        "Ask again in a moment; the session says whether anybody has it.");

    public static readonly ErrorCode TorrentsMissing = new("torrents-missing", 501, "This server plays no torrents.",
        "The detail says what is missing; whoever runs this server can install it or switch it on (docs/torrents.md).");

    public static readonly ErrorCode PublishedNameRefused = new("published-name-refused", 403, "That is no name of a published file.",
        "Playlists are /m3u8/NAME.m3u8 and segments /ts/NAME.ts, without slashes and dots in a row; /m3u8_index_cache.json lists the playlists.");

    public static readonly ErrorCode PublishedUnknown = new("published-unknown", 404, "Nothing is published under this name.",
        "See /m3u8_index_cache.json for what is; docs/pipekv.md tells how to name a key-value store.");

    public static readonly ErrorCode PublishedUnreachable = new("published-unreachable", 503, "The place of published files cannot be asked now.",
        "Try again in a moment; the server's log says more.");

    public static readonly ErrorCode PublishedUnusable = new("published-unusable", 502, "The place of published files gives no answer of use.",
        "The detail says what is wrong with it; the server's log says more to whoever runs the server.");

    public static readonly ErrorCode RefererRefused = new("referer-refused", 403, "This site may not show what is published here.",
        "Whoever runs this server lets sites in by pipekv.allowedReferers, or ALLOWED_REF.");

    public static readonly ErrorCode CatalogUnreachable = new("catalog-unreachable", 503, "The database of the catalog cannot be reached.",
        "Try again in a moment; whoever runs this server finds the reason in its log and by `sluice doctor`.");

    public static readonly ErrorCode NodeUnreachable = new("node-unreachable", 503, "The node that has this does not answer.",
        "Try again in a moment: another node takes over from one that has gone.");

    public static readonly ErrorCode Internal = new("internal", 500, "The server made a mistake.",
        "The server's log says more; please report it.");

    /// <summary>Every row.</summary>
    public static IReadOnlyList<ErrorCode> All { get; } =
    [
        MediaUnknown, SegmentUnknown, TokenMissing, TokenInvalid, TokenExpired, TokenRevoked, TokenBound, ViewsUsedUp, TooManyRequests, MediaExpired, KeyMissing,
        KeyInvalid, HostRefused, RequestInvalid, MediaUnreadable, MediaNotReady, MediaProcessing, DashUnavailable, MediaArriving, SegmentPending,
        SegmentFailed, ExtraUnknown, DownloadRefused, SubtitlesUnreadable, SubtitlesTooLarge, SubtitlesNotDrawable, UploadTooLarge, DiskFull,
        UploadUnknown, UploadBusy, UploadOffset, UploadGone, UploadFinal, UploadChecksum, TusVersion, UploadInterrupted, RouteUnknown, MethodNotAllowed, OriginRefused, ServerBusy, JobUnknown,
        QueueUnreachable, PublishTargetUnknown, PublishBusy, PublishConflict, PublishEncrypted, MediaPublished, PublicationUnknown, ListenersFull, Internal,
        AddressRefused, ImportUnknown, ImportsFull, ChannelUnknown, ChannelOff, ChannelWarming, ChannelFull, UpstreamUnusable,
        ChannelConfigured, RecordingRuns, RecordingUnknown, WebSocketNeeded,
        SessionUnknown, SessionOpening, SessionsFull, SourceUnusable, SourceUnsupported, SourcePending, TorrentsMissing,
        PublishedNameRefused, PublishedUnknown, PublishedUnreachable, PublishedUnusable, RefererRefused,
        CatalogUnreachable, NodeUnreachable,
    ];
}
