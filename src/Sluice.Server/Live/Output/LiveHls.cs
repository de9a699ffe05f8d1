using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>
/// The playlists of live HLS, from the log that the endless body is sent from.
/// <code>
///   GET   counts as a viewer, starts the upstream; waits for three segments, or for the one that is asked for
///   HEAD  the same of a channel that runs; of one that does not, what can be said without starting it
/// </code>
/// What they list is sent by <see cref="LiveFiles"/>.
/// </summary>
internal sealed class LiveHls(TimeProvider clock)
{
    /// <summary>How long the first player waits for enough segments: upstreams give those that there are at once.</summary>
    internal static readonly TimeSpan WarmingPatience = TimeSpan.FromSeconds(8);

    /// <summary>Target durations that a player is kept waiting for a segment (RFC 8216bis section 6.2.5.2).</summary>
    private const int MostTargets = 3;

    private const string ContentType = "application/vnd.apple.mpegurl";

    /// <summary>Sends <c>index.m3u8</c> of the channel: its one track, or a menu of several.</summary>
    public Task SendIndexAsync(HttpContext context, Channel channel) => VisitAsync(context, channel, async feed =>
    {
        var tracks = feed.Tracks.All;
        if (tracks.Count == 0)
        {
            await SendWarmingAsync(context, feed);
            return;
        }

        if (!feed.Tracks.IsMenu)
        {
            await SendMediaAsync(context, feed, tracks[0], tracks[0].Name + "/");
            return;
        }

        // All of them have to be there before a menu is of use.
        foreach (var track in tracks)
        {
            if (await WindowAsync(feed, track, null, WarmingPatience, context.RequestAborted) is null)
            {
                await SendWarmingAsync(context, feed);
                return;
            }
        }

        await SendPlaylistAsync(context, LivePlaylists.Multivariant(tracks, TokenQuery(context)));
    });

    /// <summary>Sends the media playlist of a track.</summary>
    public Task SendMediaAsync(HttpContext context, Channel channel, string name) => VisitAsync(context, channel, feed =>
        feed.Tracks.Find(name) is { } track ? SendMediaAsync(context, feed, track, "") : Problem.WriteAsync(context, ErrorCode.SegmentUnknown));

    private static async Task VisitAsync(HttpContext context, Channel channel, Func<LiveFeed, Task> send)
    {
        var player = LivePlayer.Of(context);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            using var visit = await channel.VisitAsync(VisitKind.Hls, context.RequestAborted, player);
            await send(visit.Feed);
        }
        else if (await channel.LookAsync(VisitKind.Hls, context.RequestAborted, player) is { } feed)
        {
            await send(feed);
        }
        else
        {
            BeginPlaylist(context.Response);
        }
    }

    private async Task SendMediaAsync(HttpContext context, LiveFeed feed, LiveTrack track, string folder)
    {
        var reload = ReloadRequest.Of(context.Request.Query);
        var last = track.Log.Index.Segments.LastOrDefault(static s => s.End is not null)?.Number ?? -1;
        var first = feed.FirstOf(track).Segment;
        if (!reload.IsValid || reload.Number > first + last + ReloadRequest.MostAhead)
        {
            await Problem.WriteAsync(
                context, ErrorCode.RequestInvalid, "_HLS_msn is a media sequence number, at most two beyond the last of the playlist.",
                status: StatusCodes.Status400BadRequest);
            return;
        }

        var patience = reload.Number is null ? WarmingPatience : MostTargets * TimeSpan.FromSeconds(LivePlaylists.TargetSeconds(feed));
        if (await WindowAsync(feed, track, reload.Number - first, patience, context.RequestAborted) is not { } segments)
        {
            await SendWarmingAsync(context, feed);
            return;
        }

        // The channel's own playlist does not end with a track: it goes on with the next. What is listed changes before a log is complete.
        var playlist = LivePlaylists.Media(feed, track, segments, folder, TokenQuery(context));
        if (folder.Length > 0 && feed.Tracks.All[0] is var now && now.Name != track.Name)
        {
            await SendMediaAsync(context, feed, now, now.Name + "/");
            return;
        }

        await SendPlaylistAsync(context, playlist);
    }

    /// <summary>What is to be listed; null when it does not come about in time.</summary>
    private async Task<ReadOnlyMemory<LogSegment>?> WindowAsync(LiveFeed feed, LiveTrack track, long? wanted, TimeSpan patience, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var next = track.Log.NextSegment;
            if (LiveWindow.Of(track, feed.TargetDuration) is { } segments && (wanted is null || segments.Span[^1].Number >= wanted || track.Log.IsComplete))
            {
                return segments;
            }

            var left = patience - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || track.Log.IsComplete || (wanted is null && LiveWindow.IsTooSmall(track)))
            {
                return null;
            }

            await next.WaitAsync(left, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    private static Task SendWarmingAsync(HttpContext context, LiveFeed feed) => feed.HlsProblem is { } problem
        ? ChannelProblem.WriteAsync(context, ErrorCode.UpstreamUnusable, problem)
        : ChannelProblem.WriteAsync(context, ErrorCode.ChannelWarming, "There are too few segments for a playlist yet.", LivePlaylists.TargetSeconds(feed));

    private static void BeginPlaylist(HttpResponse response)
    {
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache";
    }

    private static async Task SendPlaylistAsync(HttpContext context, byte[] playlist)
    {
        var response = context.Response;
        BeginPlaylist(response);
        response.ContentLength = playlist.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(playlist, context.RequestAborted);
        }
    }

    /// <summary>The token that opened the channel rides on in the URLs of a playlist, however it came: players send nothing else with them. The operator's key
    /// is no token and never does.</summary>
    private static string TokenQuery(HttpContext context) => context.Features.Get<IChannelPass>()?.Token is { } token ? $"?token={token}" : "";
}
