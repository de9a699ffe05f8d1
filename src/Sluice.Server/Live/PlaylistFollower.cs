using System.Threading.Channels;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// Follows one media playlist until it ends or is of no use any more.
/// <code>
/// 1 load      again and again; what is denied is looked for anew, from the first address on
/// 2 news      what is due, by <see cref="PlaylistTracker"/>; a film at the pace at which it is watched
/// 3 fetch     by <see cref="SegmentFetcher"/>, at the same time, into the sink
/// 4 wait      a target duration from the start of the load, or half of it; whoever watches does not matter
/// </code>
/// </summary>
internal sealed class PlaylistFollower(
    OutboundFetcher outbound, UpstreamManner manner, FollowedPlaylist playlist, PlaylistTracker tracker, TimeProvider clock)
{
    /// <summary>Loads in a row that may fail, and segments.</summary>
    private const int MostFailures = 3;

    /// <summary>Loads without anything new, half a target duration apart, after which the first address is asked again.</summary>
    private const int MostQuietLoads = 6;

    /// <summary>Target durations without anything new, after which the upstream is stuck.</summary>
    private const int MostQuietTargets = 5;

    /// <summary>Segments that are due and not started; beyond that the playlist has to wait, and what it drops meanwhile is missed.</summary>
    private const int MostDue = 64;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Patience with a segment that says nothing: some are only made when they are asked for.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>How far a film is ahead of its viewers.</summary>
    private static readonly TimeSpan FilmLead = TimeSpan.FromSeconds(20);

    private long? _firstDue;

    /// <summary>Downloads at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Most that one download holds while others have their turn.</summary>
    public long MostHeldBytes { get; init; } = 2 << 20;

    /// <summary>Whose memory held bytes are; null when nobody counts them.</summary>
    public ChannelMemory? Memory { get; init; }

    /// <summary>Is told what becomes of it.</summary>
    public IUpstreamWatch Watch { get; init; } = NoWatch.Instance;

    /// <summary>Loads it for the first time.</summary>
    /// <returns>Why that is not possible; null when it is.</returns>
    public async Task<string?> OpenAsync(CancellationToken ct)
    {
        var load = await playlist.LoadAsync(ct);
        if (load.Playlist is null && load.Status >= 500)
        {
            await Task.Delay(AfterFailure / 2, clock, ct);
            load = await playlist.LoadAsync(ct);
        }

        if (load.Playlist is not HlsMediaPlaylist)
        {
            return ProblemOf(load);
        }

        playlist.Give(load);
        return null;
    }

    /// <summary>Runs until the end. After <see cref="OpenAsync"/>.</summary>
    public async Task<UpstreamEnd> RunAsync(ISegmentSink sink, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var due = Channel.CreateBounded<UpstreamSegment>(MostDue); // Full means wait: a playlist that is read too fast is read again later.
        var delivery = new SegmentDelivery(sink, Watch, MostFailures);
        var target = PlaylistTracker.Bounded(playlist.Latest!.TargetDuration);
        var patience = FollowedPlaylist.Patience(target);
        var fetcher = new SegmentFetcher(outbound, manner with { Patience = patience, Timeout = Least(manner.Timeout, Most(patience, Silence)) }, clock)
        {
            Parallel = Parallel,
            MostHeldBytes = MostHeldBytes,
            Memory = Memory,
            Base = playlist.Url,
            Renew = playlist.RenewAsync,
            IsLate = segment => segment.Segment.Sequence < playlist.Latest.MediaSequence,
        };
        var fetching = fetcher.RunAsync(due.Reader, delivery, ending.Token);
        var following = FollowAsync(due.Writer, ending.Token);
        try
        {
            var first = await Task.WhenAny(fetching, following, delivery.Failing);
            if (first == fetching)
            {
                await fetching; // It ends before there is nothing more to fetch only if it fails.
            }

            var end = first == following ? await following : new UpstreamEnd(await delivery.Failing);
            due.Writer.Complete();

            // What was listed belongs to what has ended: all of it to a film, as long as it comes. Of what is broken, nobody waits for the rest for long.
            var left = end.IsFilm ? delivery.Failing : Task.Delay(end.Reason is null ? MostQuietTargets * target : AfterFailure, clock, ending.Token);
            if (await Task.WhenAny(fetching, left) == fetching)
            {
                await fetching;
            }

            // Nothing of it was shown, so it was not shown to its end.
            var problem = delivery.Failing.IsCompleted ? await delivery.Failing : delivery.NoneCame;
            return end.IsFilm && problem is not null ? new UpstreamEnd(problem) : end;
        }
        catch (UpstreamRefusedException e)
        {
            return new UpstreamEnd(e.Message) { IsRefused = true };
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(fetching, following).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tracker.Return(delivery.Next ?? _firstDue, delivery.IsWhole);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Most(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string ProblemOf(PlaylistLoad load) => load.Problem ?? "a media playlist turned into another";

    private async Task<UpstreamEnd> FollowAsync(ChannelWriter<UpstreamSegment> due, CancellationToken ct)
    {
        var (failures, quietLoads, quietSince) = (0, 0, clock.GetTimestamp());
        var pace = new FilmPace(clock, FilmLead);
        while (true)
        {
            // :: Step 1: load
            var started = clock.GetTimestamp();
            var load = await playlist.LoadAsync(ct);
            if (load.Playlist is not HlsMediaPlaylist media || media.SkippedSegments > 0)
            {
                if (++failures == MostFailures)
                {
                    return new UpstreamEnd(load.Playlist is null ? ProblemOf(load) : "the playlist leaves out what nobody asked it to");
                }

                await (load.IsDenied || load.Playlist is not null ? playlist.GoBackAsync(ct) : Task.CompletedTask);
                await Task.Delay(AfterFailure, clock, ct);
                continue;
            }

            // :: Step 2: news
            failures = 0;
            var before = tracker.Counts;
            var news = tracker.Take(media);
            Watch.Counted(tracker.Counts - before);
            foreach (var segment in news.Segments)
            {
                if (segment.Segment.Key?.Problem is { } locked)
                {
                    return new UpstreamEnd(locked);
                }

                await pace.WaitAsync(segment.Segment.Duration, media.IsEnded, ct);
                _firstDue ??= segment.Segment.Sequence;
                await due.WriteAsync(segment with { Base = load.Url }, ct);
            }

            if (news.IsOver)
            {
                return new UpstreamEnd(null) { IsFilm = tracker.IsFilm };
            }

            // :: Step 4: wait
            var isQuiet = news.Segments.Count == 0 && !media.IsEnded;
            (quietLoads, quietSince) = isQuiet ? (quietLoads + 1, quietSince) : (0, clock.GetTimestamp());
            var quiet = clock.GetElapsedTime(quietSince);
            if (quietLoads > MostQuietLoads && quiet > MostQuietTargets * PlaylistTracker.Bounded(media.TargetDuration))
            {
                return new UpstreamEnd("the playlist has stood still for too long");
            }

            if (quietLoads == MostQuietLoads)
            {
                await playlist.GoBackAsync(ct);
            }

            var left = news.Wait - clock.GetElapsedTime(started);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, ct);
        }
    }
}
