using Sluice.Server.Hosting;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// One channel: any number of viewers, one upstream at most.
/// <code>
///   first viewer ──▶ run starts ──▶ first point: all who wait come in          any number of first viewers are one start
///   last viewer leaves ──▶ Idle ──▶ run is let go                              who comes meanwhile keeps it
///   no upstream is of use ──▶ all who wait are told why; so is who comes within some seconds, without asking again
/// </code>
/// </summary>
internal sealed class Channel : IAsyncDisposable
{
    /// <summary>Timers know no more than some weeks.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly ChannelTools _tools;
    private readonly ChannelViewers _viewers;
    private readonly ChannelRuns _runs;
    private readonly ViewerRoom _room;
    private readonly ITimer _release;
    private ChannelDefinition _definition;
    private bool _isClosed;

    /// <param name="definition">What it is to be.</param>
    /// <param name="tools">What it works with.</param>
    /// <param name="used">Numbers that one of the same name used before it.</param>
    /// <param name="room">Of all channels together; null when this is the only one.</param>
    internal Channel(ChannelDefinition definition, ChannelTools tools, FeedNumbers used = default, ViewerRoom? room = null)
    {
        (_definition, _tools) = (definition, tools);
        _room = room ?? new ViewerRoom(tools.MostViewers, () => Watching);
        _viewers = new ChannelViewers(tools.Clock);
        Meter = new ChannelMeter(tools.Clock);
        _runs = new ChannelRuns(tools, Meter, used);
        _release = tools.Clock.CreateTimer(static state => ((Channel)state!).LetGo(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What it is to be.</summary>
    public ChannelDefinition Definition => Volatile.Read(ref _definition);

    /// <summary>What it shows now; null when nobody watches. To look at, and for segments, which start nothing.</summary>
    public LiveFeed? Feed => _runs.Now?.Feed;

    /// <summary>Counts and measures.</summary>
    internal ChannelMeter Meter { get; }

    /// <summary>Numbers above all that its players have seen.</summary>
    internal FeedNumbers Used
    {
        get
        {
            lock (_gate)
            {
                return _runs.Used;
            }
        }
    }

    /// <summary>How many watch, recordings not counted.</summary>
    internal int Watching
    {
        get
        {
            lock (_gate)
            {
                return _viewers.Count(Keep).Watching;
            }
        }
    }

    /// <summary>HLS players keep it for as long as two loads of a playlist may be apart.</summary>
    private TimeSpan Keep => Definition.Idle > 2 * _runs.Target ? Definition.Idle : 2 * _runs.Target;

    /// <summary>A first upstream that does not answer at all and a second one that does fit into it.</summary>
    private TimeSpan Patience => 2 * Definition.Timeout;

    /// <summary>A viewer comes: the upstream is started if need be, and there is something to see when this returns.</summary>
    /// <param name="kind">How it watches.</param>
    /// <param name="ct">It has gone.</param>
    /// <param name="player">Of HLS, what tells the player from others; nothing that is secret. Null when that is not known.</param>
    /// <exception cref="ChannelException">There is nothing to see: it is off or full (503), no upstream is of use (502), or it takes too long (503).</exception>
    /// <exception cref="OperationCanceledException">The viewer has gone.</exception>
    public async Task<ChannelVisit> VisitAsync(VisitKind kind, CancellationToken ct, string? player = null)
    {
        var run = Enter(kind, player);
        try
        {
            await ReadyAsync(run, kind, ct);
            return new ChannelVisit(this, kind, player, run.Feed);
        }
        catch
        {
            Leave(kind, player);
            throw;
        }
    }

    /// <summary>Somebody asks what a visit would be told. Nothing is started for it, and nobody counts it.</summary>
    /// <returns>What a visit would see; null when the channel does not run, and may or may not when it is visited.</returns>
    /// <exception cref="ChannelException">As for <see cref="VisitAsync"/>.</exception>
    public async Task<LiveFeed?> LookAsync(VisitKind kind, CancellationToken ct, string? player = null)
    {
        ChannelRun? run;
        if (IsNew(kind, player))
        {
            _room.Check();
        }

        lock (_gate)
        {
            run = Current(kind);
            Check(run, kind, player);
        }

        if (run is not null)
        {
            await ReadyAsync(run, kind, ct);
        }

        return run?.Feed;
    }

    /// <summary>An HLS player was heard of: if it is a viewer it stays one, and keeps the channel, for <see cref="ChannelDefinition.Idle"/>. It becomes none by that.</summary>
    /// <param name="player">What tells it from others.</param>
    public void Touch(string player)
    {
        lock (_gate)
        {
            if (_runs.Now is not null)
            {
                _viewers.Touch(player, Keep);
            }
        }
    }

    /// <summary>How it is.</summary>
    public ChannelStatus Status()
    {
        ChannelRun? run;
        ChannelPhase phase;
        ViewerCounts viewers;
        lock (_gate)
        {
            (run, phase) = (_runs.Now, _runs.Phase);
            viewers = _viewers.Count(Keep);
        }

        return ChannelReport.Of(Definition, phase, run, viewers, Meter);
    }

    /// <summary>Lets go of the upstream for good; whoever watches comes to an end.</summary>
    public async ValueTask DisposeAsync()
    {
        Task past;
        lock (_gate)
        {
            _isClosed = true;
            End(FeedEnding.Stopped);
            past = _runs.Past;
        }

        await _release.DisposeAsync();
        await past;
    }

    /// <summary>Takes another definition, if that disturbs nobody.</summary>
    /// <returns>False when it has to be another channel.</returns>
    internal bool TryChange(ChannelDefinition definition)
    {
        if (!Definition.IsSameSource(definition))
        {
            return false;
        }

        Volatile.Write(ref _definition, definition);
        return true;
    }

    /// <summary>A viewer goes.</summary>
    internal void Leave(VisitKind kind, string? player)
    {
        lock (_gate)
        {
            _viewers.Go(kind, player, kind == VisitKind.Hls ? Keep : Definition.Idle);
            Watch();
        }
    }

    private ChannelRun Enter(VisitKind kind, string? player)
    {
        using var door = _room.Enter();
        if (IsNew(kind, player))
        {
            _room.Check();
        }

        lock (_gate)
        {
            if (kind == VisitKind.Node && _runs.Now is not { IsOwn: true, Feed.Ending: null })
            {
                throw new ChannelException(ErrorCode.ChannelWarming, "This server does not pull it.");
            }

            if (Current(kind) is null)
            {
                End(FeedEnding.Ended);
            }

            Check(_runs.Now, kind, player);
            var run = _runs.Now ?? _runs.Start(Definition, Over);
            _viewers.Come(kind, player, Keep);
            return run;
        }
    }

    /// <summary>The run that a viewer comes into. HLS players that have not asked since it was over are told that it has ended; all others want to see something.</summary>
    private ChannelRun? Current(VisitKind kind) => _runs.Now is { Feed.Ending: not null } && kind != VisitKind.Hls ? null : _runs.Now;

    /// <summary>Whether it would be one viewer more.</summary>
    private bool IsNew(VisitKind kind, string? player)
    {
        lock (_gate)
        {
            return _viewers.IsNew(kind, player, Keep);
        }
    }

    /// <summary>Why a viewer cannot come into a channel, whatever room there is in others.</summary>
    private void Check(ChannelRun? run, VisitKind kind, string? player)
    {
        if (_isClosed || !Definition.IsEnabled)
        {
            throw new ChannelException(ErrorCode.ChannelOff, $"The channel '{Definition.Name}' is switched off.");
        }

        if (run is null && _runs.Failure is { } failure)
        {
            throw failure;
        }

        // Who has been watching is kept; who comes would wait for nothing.
        if (run?.Outage is { } outage && kind != VisitKind.Hls)
        {
            throw new ChannelException(ErrorCode.UpstreamUnusable, outage);
        }

        if (Definition.MaxViewers is { } most && _viewers.IsNew(kind, player, Keep) && _viewers.Count(Keep).Watching is var here && here >= most)
        {
            throw new ChannelException(ErrorCode.ChannelFull, $"The channel '{Definition.Name}' has {here} of {most} viewers.");
        }
    }

    /// <summary>Waits until there is something to see.</summary>
    private async Task ReadyAsync(ChannelRun run, VisitKind kind, CancellationToken ct)
    {
        try
        {
            await run.Ready.WaitAsync(Patience, _tools.Clock, ct);
        }
        catch (TimeoutException)
        {
            throw new ChannelException(ErrorCode.ChannelWarming, "The upstream has sent no picture yet.");
        }
        catch (ChannelException why)
        {
            throw why.Again();
        }

        if (kind is not (VisitKind.Hls or VisitKind.Node))
        {
            await run.Feed.BodyBeginsAsync(Patience, _tools.Clock, ct);
        }
    }

    /// <summary>A run has come to its end by itself.</summary>
    private void Over(ChannelRun run, FeedEnding ending, string? reason)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(run, _runs.Now))
            {
                return;
            }

            _runs.Over(ending, reason);
            if (_runs.Now is null)
            {
                _viewers.Forget();
                return;
            }

            // HLS players have yet to see the end of it.
            _viewers.Keep(Keep);
            Watch();
        }
    }

    /// <summary>Looks after it when nobody is there any more.</summary>
    private void Watch()
    {
        var isWatched = _runs.Now is { Feed.Ending: null } && !_viewers.AreGone;
        var left = _viewers.Left < LongestTimer ? _viewers.Left : LongestTimer; // It looks again when it goes off.
        _release.Change(_runs.Now is null || isWatched || _isClosed ? Timeout.InfiniteTimeSpan : left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timer's.</summary>
    private void LetGo()
    {
        lock (_gate)
        {
            if (_runs.Now is not { } run || (run.Feed.Ending is null && !_viewers.AreGone))
            {
                return;
            }

            if (_viewers.Left > TimeSpan.Zero)
            {
                Watch();
                return;
            }

            End(FeedEnding.Released);
        }
    }

    private void End(FeedEnding ending)
    {
        if (_runs.Now is not null)
        {
            _runs.End(ending);
            _viewers.Forget();
        }
    }
}
