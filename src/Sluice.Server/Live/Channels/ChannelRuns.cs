using Sluice.Server.Hosting;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// The runs of one channel, one after the other, and what outlives them: numbers that never go back, the target duration, why the last one failed.
/// <code>
///   Start ──▶ Now ──▶ ended by itself: kept until players have seen its end ──▶ Forget
///                └──▶ End: stopped, and forgotten at once                        └──▶ Past completes when nothing of any of them runs
/// </code>
/// For one caller at a time, but where it says otherwise.
/// </summary>
/// <param name="tools">What runs work with.</param>
/// <param name="meter">Counts.</param>
/// <param name="used">Numbers that one of the same name used before it.</param>
internal sealed class ChannelRuns(ChannelTools tools, ChannelMeter meter, FeedNumbers used)
{
    /// <summary>How long a start that failed is not tried again: players come back at once, and all of them.</summary>
    internal static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    /// <summary>Segments that a run may still begin while it is being ended.</summary>
    private const int LastSegments = 10;

    private ChannelRun? _now;
    private ChannelPhase _rest = new(ChannelState.Idle, null, tools.Clock.GetUtcNow());
    private (ErrorCode Code, string Reason, long At)? _failure;
    private TimeSpan _target;
    private FeedNumbers _used = used;

    /// <summary>The one that shows something, or whose end players have yet to see; null when there is none. For any thread.</summary>
    public ChannelRun? Now => Volatile.Read(ref _now);

    /// <summary>Where the channel is.</summary>
    public ChannelPhase Phase => _now is { Feed.Ending: null } running ? running.Phase : _rest;

    /// <summary>Numbers above all that its players have seen.</summary>
    public FeedNumbers Used => _now is { } run ? After(run) : _used;

    /// <summary>Target duration of its playlists; zero until that is known.</summary>
    public TimeSpan Target => _now?.Feed.TargetDuration ?? _target;

    /// <summary>Completes when nothing runs any more of all that were forgotten.</summary>
    public Task Past { get; private set; } = Task.CompletedTask;

    /// <summary>Why none is to be started yet; null when one may.</summary>
    public ChannelException? Failure =>
        _failure is { } failure && tools.Clock.GetElapsedTime(failure.At) < FailureMemory ? new ChannelException(failure.Code, failure.Reason) : null;

    /// <summary>Starts one. There must be none.</summary>
    /// <param name="definition">What is to be shown.</param>
    /// <param name="over">Is told when it ends by itself.</param>
    public ChannelRun Start(ChannelDefinition definition, Action<ChannelRun, FeedEnding, string?> over)
    {
        meter.Add(ChannelCounter.Starts);
        var feed = new LiveFeed(definition.BufferBytes, FeedNumbers.At(tools.Clock.GetUtcNow(), _used)) { TargetDuration = _target };
        var run = new ChannelRun(definition, tools, meter, feed, over);
        Volatile.Write(ref _now, run);
        run.Start();
        return run;
    }

    /// <summary>The run that is has come to its end by itself. One that has failed, or goes on elsewhere, is forgotten.</summary>
    public void Over(FeedEnding ending, string? reason)
    {
        _rest = new ChannelPhase(ending == FeedEnding.Ended ? ChannelState.Ended : ChannelState.Idle, reason, tools.Clock.GetUtcNow());
        if (ending == FeedEnding.Failed)
        {
            _failure = (ErrorCode.UpstreamUnusable, reason!, tools.Clock.GetTimestamp());
            Forget();
        }
        else if (ending == FeedEnding.Moved)
        {
            Forget(); // Whoever comes next begins again, here or where it has gone.
        }
    }

    /// <summary>Ends the run that is, if it has not ended by itself, and forgets it.</summary>
    public void End(FeedEnding ending)
    {
        if (_now is { Feed.Ending: null } run)
        {
            _rest = new ChannelPhase(ChannelState.Idle, null, tools.Clock.GetUtcNow());
            run.Stop(ending);
        }

        Forget();
    }

    private void Forget()
    {
        if (_now is not { } run)
        {
            return;
        }

        // Nothing of the run itself is kept: its log is all of the channel's memory.
        (_target, _used) = (run.Feed.TargetDuration, After(run));
        Volatile.Write(ref _now, null);
        var end = run.DisposeAsync().AsTask();
        Past = Past.IsCompleted ? end : Task.WhenAll(Past, end);
    }

    private static FeedNumbers After(ChannelRun run) => run.Feed.Next with { Segment = run.Feed.Next.Segment + LastSegments };
}
