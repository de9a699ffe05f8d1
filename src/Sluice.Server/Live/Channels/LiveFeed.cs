using Sluice.Server.Hosting;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Channels;

/// <summary>Why a feed is over.</summary>
internal enum FeedEnding
{
    /// <summary>Nobody watched any more.</summary>
    Released,

    /// <summary>The source was over: a film, or a live channel that says so and keeps to it. Whoever watches has seen it all.</summary>
    Ended,

    /// <summary>The channel was changed, switched off or removed, or the server stops.</summary>
    Stopped,

    /// <summary>No upstream could be had at all, or we made a mistake.</summary>
    Failed,

    /// <summary>Another server shows it from now on, or the one that showed it has gone: who comes again goes on there.</summary>
    Moved,
}

/// <summary>
/// What a channel shows from its start until nobody watches any more. It survives failover and upstreams that begin anew; when the channel is
/// started again, that is another feed, whose numbers go on above those of this one.
/// </summary>
/// <param name="budgetBytes">Memory for all of it, and for what is on its way to it.</param>
/// <param name="first">Numbers of its first segment.</param>
internal sealed class LiveFeed(long budgetBytes, FeedNumbers first)
{
    private long _targetTicks;
    private volatile object? _ending;

    /// <summary>MPEG-TS: what the endless body is sent from. Empty when the codecs do not fit into MPEG-TS.</summary>
    public ChunkLog Ts => Memory.Main;

    /// <summary>Memory of all of it, and of what is on its way to it.</summary>
    public ChannelMemory Memory { get; } = new(budgetBytes);

    /// <summary>Why there is no endless body, in words for a person: its codecs do not fit into MPEG-TS. Null as long as there is one.</summary>
    public string? TsProblem { get; set; }

    /// <summary>What live HLS lists.</summary>
    public LiveTracks Tracks { get; } = new();

    /// <summary>Numbers of its first segment.</summary>
    public FeedNumbers First { get; private set; } = first;

    /// <summary>Target duration of the first upstream that this channel had, for as long as the channel is what it is. Zero until that is known, which is
    /// before anyone is let in.</summary>
    public TimeSpan TargetDuration
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _targetTicks));
        internal set => Interlocked.Exchange(ref _targetTicks, value.Ticks);
    }

    /// <summary>Why it is over; null as long as it is not. It is said before the logs are complete.</summary>
    public FeedEnding? Ending => (FeedEnding?)_ending;

    /// <summary>Whether somebody who comes in gets something.</summary>
    public bool IsJoinable => Ts.Index.Newest is not null || Tracks.All.Any(static track => track.Log.Index.Segments is [{ End: not null }, ..]);

    /// <summary>Why live HLS has nothing to list though the channel runs, a sentence for a person; null as long as it has.</summary>
    public string? HlsProblem => Tracks.All.Any(LiveWindow.IsTooSmall)
        ? "There is no HLS of this channel: what it sends in one piece is larger than its memory (`buffer`) has room for."
        : null;

    /// <summary>Waits until a viewer of the endless body has a place where playing can begin.</summary>
    /// <exception cref="ChannelException">There is none in what comes, or what comes does not fit into MPEG-TS.</exception>
    internal async Task BodyBeginsAsync(TimeSpan patience, TimeProvider clock, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var change = Ts.NextChange;
            if (TsProblem is { } problem)
            {
                throw new ChannelException(ErrorCode.UpstreamUnusable, $"There is no endless body of this channel, only HLS: {problem}.");
            }

            if (Ts.Index.Newest is not null || Ts.IsComplete)
            {
                return;
            }

            var left = patience - clock.GetElapsedTime(began);
            try
            {
                await change.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, ct);
            }
            catch (TimeoutException)
            {
                throw new ChannelException(ErrorCode.UpstreamUnusable, "Nothing that comes from the upstream is a picture that playing can begin with: it may be encrypted, or of an unknown codec.");
            }
        }
    }

    /// <summary>What is held.</summary>
    internal LogDepth Depth
    {
        get
        {
            var segments = Tracks.All is [var listed, ..] ? listed.Log.Index.Segments : Ts.Index.Segments;
            var length = segments.Aggregate(TimeSpan.Zero, static (sum, segment) => sum + segment.Duration);
            return new LogDepth(Memory.HeldBytes, Memory.BudgetBytes, length, segments.Length);
        }
    }

    /// <summary>Numbers above all that were used.</summary>
    internal FeedNumbers Next
    {
        get
        {
            var used = Used([.. Tracks.All, .. Tracks.Past, new LiveTrack(LiveTrack.TsName, Ts)]);
            return new FeedNumbers(First.Segment + used.Segment, First.Discontinuity + used.Discontinuity);
        }
    }

    /// <summary>Number of the next segment of <see cref="Ts"/>.</summary>
    internal long NextTs => Ts.Index.Segments is [.., var last] ? last.Number + (last.End is null && last.Position == Ts.Position ? 0 : 1) : 0;

    /// <summary>It shows what another server shows, under the same numbers. Before anyone is let in.</summary>
    internal void Mirror(FeedNumbers numbers, TimeSpan target, string? tsProblem) => (First, TargetDuration, TsProblem) = (numbers, target, tsProblem);

    /// <summary>Numbers that a track's own count from.</summary>
    internal FeedNumbers FirstOf(LiveTrack track) => new(First.Segment + track.Above.Segment, First.Discontinuity + track.Above.Discontinuity);

    /// <summary>
    /// Lists the transport stream, for as long as the feed lasts. It goes on from a segment, with numbers above all of the fragments' that were listed, which
    /// have to have their last.
    /// </summary>
    /// <param name="from">The first segment of what fragments do not have.</param>
    internal void ListTs(long from)
    {
        var before = Tracks.All;
        if (before is [{ Maps: null }, ..])
        {
            return;
        }

        var track = new LiveTrack(LiveTrack.TsName, Ts);
        if (before.Count == 0)
        {
            Tracks.Set(track);
            return;
        }

        var used = Used(before);
        var breaks = Ts.Index.Segments.LastOrDefault(s => s.Number < from)?.Discontinuities ?? 0;
        Tracks.Replace(track with
        {
            From = from,
            Above = new FeedNumbers(Math.Max(0, used.Segment - from), Math.Max(0, used.Discontinuity - breaks)),
        });
    }

    /// <summary>Numbers above those of tracks, relative to <see cref="First"/>; zero when there are none.</summary>
    private static FeedNumbers Used(IEnumerable<LiveTrack> tracks)
    {
        var used = default(FeedNumbers);
        foreach (var track in tracks)
        {
            if (track.Log.Index.Segments is [.., var last])
            {
                used = new FeedNumbers(
                    Math.Max(used.Segment, track.Above.Segment + last.Number + 1),
                    Math.Max(used.Discontinuity, track.Above.Discontinuity + last.Discontinuities + 1));
            }
        }

        return used;
    }

    /// <summary>It is over. For the producer, when it has written its last.</summary>
    internal void Finish(FeedEnding ending)
    {
        _ending = ending;
        foreach (var log in Tracks.All.Select(static track => track.Log).Append(Ts).Distinct())
        {
            log.Complete(isBroken: ending is FeedEnding.Failed or FeedEnding.Moved);
        }
    }
}
