using System.Threading.Channels;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>Why an upstream gives nothing more.</summary>
/// <param name="Reason">In words for a person; null when it has simply come to its end.</param>
internal sealed record UpstreamEnd(string? Reason);

/// <summary>
/// Follows one HLS URL until it ends or is of no use any more.
/// <code>
/// 1 load      a multivariant playlist once, its variant by policy; then the media playlist again and again
/// 2 news      what is due, by <see cref="PlaylistTracker"/>; a film at the pace at which it is watched
/// 3 fetch     by <see cref="SegmentFetcher"/>, at the same time, into the sink
/// 4 wait      a target duration from the start of the load, or half of it; whoever watches does not matter
/// </code>
/// </summary>
internal sealed class HlsUpstream(OutboundFetcher outbound, UpstreamManner manner, ISegmentSink sink, TimeProvider clock)
{
    /// <summary>Loads in a row that may fail.</summary>
    private const int MostFailures = 5;

    /// <summary>Target durations without anything new, after which the upstream is stuck.</summary>
    private const int MostQuietTargets = 5;

    /// <summary>Segments that are due and not started; beyond that the playlist has to wait, and what it drops meanwhile is missed.</summary>
    private const int MostDue = 64;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How far a film is ahead of its viewers.</summary>
    private static readonly TimeSpan FilmLead = TimeSpan.FromSeconds(20);

    /// <summary>What was made of the loads; its counters are told to whoever asks.</summary>
    public PlaylistTracker Tracker { get; } = new();

    /// <summary>Runs until the end.</summary>
    public async Task<UpstreamEnd> RunAsync(OutboundUrl url, CancellationToken ct)
    {
        var (playlist, problem) = await OpenAsync(url, ct);
        if (playlist is null)
        {
            return new UpstreamEnd(problem);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var fetcher = new SegmentFetcher(outbound, manner, clock) { Base = url };

        // Full means wait: a playlist that is read too fast is read again later.
        var due = Channel.CreateBounded<UpstreamSegment>(MostDue);
        var fetching = fetcher.RunAsync(due.Reader, sink, ending.Token);
        try
        {
            var end = await FollowAsync(playlist, fetcher, due.Writer, ct);
            due.Writer.Complete();
            await fetching;
            return end;
        }
        finally
        {
            await ending.CancelAsync();
            await fetching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The media playlist behind a URL.</summary>
    private async Task<(UpstreamPlaylist? Playlist, string? Problem)> OpenAsync(OutboundUrl url, CancellationToken ct)
    {
        // :: Step 1: load
        var opened = new UpstreamPlaylist(outbound, manner, url, new HlsSurroundings());
        var load = await opened.LoadAsync(ct);
        if (load.Playlist is not HlsMultivariantPlaylist multivariant)
        {
            return load.Playlist is null ? (null, load.Problem) : (opened, null);
        }

        if (multivariant.SessionKeyProblem is { } locked)
        {
            return (null, locked);
        }

        return VariantChoice.Of(multivariant, manner.Policy) is { } choice && load.Url.Follow(choice.Variant.Uri) is { } variant
            ? (new UpstreamPlaylist(outbound, manner, variant, new HlsSurroundings { Variables = multivariant.Variables }), null)
            : (null, "the playlist has no variant that can be played");
    }

    private async Task<UpstreamEnd> FollowAsync(
        UpstreamPlaylist playlist, SegmentFetcher fetcher, ChannelWriter<UpstreamSegment> due, CancellationToken ct)
    {
        var (failures, quietSince) = (0, clock.GetTimestamp());
        var pace = new FilmPace(clock, FilmLead);
        while (true)
        {
            var started = clock.GetTimestamp();
            var load = await playlist.LoadAsync(ct);
            if (load.Playlist is not HlsMediaPlaylist media)
            {
                if (++failures == MostFailures)
                {
                    return new UpstreamEnd(load.Problem ?? "a media playlist turned into another");
                }

                await Task.Delay(AfterFailure, clock, ct);
                continue;
            }

            // :: Step 2: news
            (failures, fetcher.Base) = (0, load.Url);
            var news = Tracker.Take(media);
            foreach (var segment in news.Segments)
            {
                if (segment.Segment.Key?.Problem is { } locked)
                {
                    return new UpstreamEnd(locked);
                }

                await pace.WaitAsync(segment.Segment.Duration, media.IsEnded, ct);
                await due.WriteAsync(segment, ct);
            }

            if (news.IsOver)
            {
                return new UpstreamEnd(null);
            }

            quietSince = news.Segments.Count > 0 ? clock.GetTimestamp() : quietSince;
            if (clock.GetElapsedTime(quietSince) > MostQuietTargets * media.TargetDuration && !media.IsEnded)
            {
                return new UpstreamEnd("the playlist has stood still for too long");
            }

            // :: Step 4: wait
            var left = news.Wait - clock.GetElapsedTime(started);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, ct);
        }
    }
}
