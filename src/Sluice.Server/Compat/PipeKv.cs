using System.Globalization;
using Sluice.Server.Access;
using Sluice.Server.Deliver;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Compat;

/// <summary>
/// pipeKV's addresses for players: playlists and segments that were published under flat names, passed on from the key-value store, and the list of them.
/// <code>
/// 1 who asks   pages of <c>pipekv.allowedReferers</c>, and whatever is no page; what is answered they may read, errors too
/// 2 for what   one flat name with the right ending; nobody is asked about any other
/// 3 open       trouble until the first byte has a status and a reason
/// 4 send       trouble after it cuts the connection: what was sent would pass for all of it
/// </code>
/// </summary>
internal static partial class PipeKv
{
    private const string Why = "what is published in the key-value store is for everybody, as pipeKV has it; pipekv.allowedReferers says which sites may show it";
    private const string PlaylistType = "application/vnd.apple.mpegurl";
    private const string SegmentType = "video/mp2t";
    private const string Playlist = "public, max-age=5";

    /// <summary>As long as the cache of this server takes them for fresh. Whoever publishes again does so under another name.</summary>
    private const string Segment = "public, max-age=3600";

    private const int RetrySeconds = 2;

    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the routes.</summary>
    public static void MapPipeKv(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("").AllowAnyone(Why).LimitRate(RateKind.Published).WithTags("pipeKV");
        files.MapMethods("/m3u8/{name}", GetAndHead, SendPlaylistAsync).Produces(StatusCodes.Status200OK, contentType: PlaylistType)
            .WithSummary("A published playlist.");
        files.MapMethods("/ts/{name}", GetAndHead, SendSegmentAsync).Produces(StatusCodes.Status200OK, contentType: SegmentType)
            .WithSummary("A published segment, or a part of it.");
        files.MapMethods("/" + PublishedName.Index, GetAndHead, SendIndexAsync).Produces<IReadOnlyList<string>>()
            .WithSummary("The names of all published playlists.");
    }

    private static Task SendPlaylistAsync(string name, HttpContext context) => SendAsync(context, name, ".m3u8", PlaylistType, Playlist);

    private static Task SendSegmentAsync(string name, HttpContext context) => SendAsync(context, name, ".ts", SegmentType, Segment);

    private static Task SendIndexAsync(HttpContext context, CancellationToken ct) => GuardAsync(context, async files =>
    {
        var names = files is null ? [] : await PublishedNames.ReadAsync(files, ct);
        context.Response.Headers.CacheControl = Playlist;
        await Results.Json(names, PipeKvJson.Default.IReadOnlyListString).ExecuteAsync(context);
    });

    private static Task SendAsync(HttpContext context, string name, string ending, string type, string cache) => GuardAsync(context, async files =>
    {
        // :: Step 2: for what
        if (!name.EndsWith(ending, StringComparison.Ordinal) || !PublishedName.IsValid(name))
        {
            await Problem.WriteAsync(context, ErrorCode.PublishedNameRefused);
            return;
        }

        // :: Step 3: open
        using var file = files is null ? null : await files.OpenAsync(name, context.RequestAborted);
        if (file is null)
        {
            await Problem.WriteAsync(context, ErrorCode.PublishedUnknown, files is null ? "No key-value store is configured, and nothing is published here." : null);
            return;
        }

        var range = ByteRange.Select(context.Request, file.Body.Length, file.ETag);
        if (range.Length > 0 && !HttpMethods.IsHead(context.Request.Method))
        {
            await file.Body.PrepareAsync(range.Start, context.RequestAborted);
        }

        // :: Step 4: send
        foreach (var (header, value) in file.Headers)
        {
            context.Response.Headers[header] = value;
        }

        await ObjectBody.SendAsync(context, file.Body, default, 0, type, cache, file.ETag);
    });

    private static async Task GuardAsync(HttpContext context, Func<IPublishedFiles?, Task> send)
    {
        // :: Step 1: who asks
        if (context.RequestServices.GetRequiredService<RefererRule>().Check(context.Request) is { } no)
        {
            await Problem.WriteAsync(context, no.Code, no.Detail);
            return;
        }

        try
        {
            await send(context.RequestServices.GetService<IPublishedFiles>());
        }
        catch (PublishedFileException e)
        {
            Log.Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PipeKv)), (e as PipeKvException)?.Full ?? e.Message);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            Problem.BeginAnew(context.Response);
            context.Response.Headers.RetryAfter = e.MayPass ? RetrySeconds.ToString(CultureInfo.InvariantCulture) : default;
            await Problem.WriteAsync(context, e.MayPass ? ErrorCode.PublishedUnreachable : ErrorCode.PublishedUnusable, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A published file could not be passed on: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
