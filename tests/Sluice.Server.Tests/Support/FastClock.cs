namespace Sluice.Server.Tests.Support;

/// <summary>
/// Time that runs so many times faster than it does: for pauses that are long on purpose. It goes on in ticks of some milliseconds, and one that
/// comes late is no longer than others: a machine that is too busy to do its work has less time for it passed, not more.
/// </summary>
internal sealed class FastClock : TimeProvider
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestTick = 2 * Tick;

    /// <summary>All clocks that somebody has: one ticker for all of them.</summary>
    private static readonly List<WeakReference<FastClock>> All = [];

    /// <summary>Those for which somebody waits, who may have nothing else that keeps him.</summary>
    private static readonly HashSet<FastClock> Awaited = [];

    private static readonly ITimer Ticker = System.CreateTimer(static _ => GoOnAll(), null, Tick, Tick);

    private readonly Lock _gate = new();
    private readonly HashSet<Quick> _waiting = [];
    private double _speed;
    private DateTimeOffset _now = System.GetUtcNow();
    private long _seen = System.GetTimestamp();

    public FastClock(double speed)
    {
        _speed = speed;
        lock (All)
        {
            All.Add(new WeakReference<FastClock>(this));
            GC.KeepAlive(Ticker);
        }
    }

    /// <summary>How much faster it runs from now on.</summary>
    public double Speed
    {
        get
        {
            lock (_gate)
            {
                return _speed;
            }
        }

        set
        {
            lock (_gate)
            {
                Look();
                _speed = value;
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return Look();
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Quick(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private static void GoOnAll()
    {
        List<FastClock> clocks = [];
        lock (All)
        {
            All.RemoveAll(known =>
            {
                if (known.TryGetTarget(out var clock))
                {
                    clocks.Add(clock);
                }

                return clock is null;
            });
        }

        clocks.ForEach(static clock => clock.GoOn());
    }

    private void GoOn()
    {
        List<Quick> due = [];
        lock (_gate)
        {
            var now = Look();
            due.AddRange(_waiting.Where(timer => timer.Due <= now));
            due.ForEach(timer => timer.Next(now));
        }

        // As those of the system: each by itself, so that what one of them does holds up neither the others nor the time.
        due.ForEach(timer => ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false));
    }

    private DateTimeOffset Look()
    {
        var seen = System.GetTimestamp();
        var passed = System.GetElapsedTime(_seen, seen);
        _seen = seen;
        return _now += (passed < LongestTick ? passed : LongestTick) * _speed;
    }

    private void Set(Quick timer, bool isWaiting)
    {
        _ = isWaiting ? _waiting.Add(timer) : _waiting.Remove(timer);
        lock (Awaited)
        {
            _ = _waiting.Count > 0 ? Awaited.Add(this) : Awaited.Remove(this);
        }
    }

    private sealed class Quick(FastClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? default : clock.Look() + dueTime;
                clock.Set(this, dueTime != Timeout.InfiniteTimeSpan);
            }

            return true;
        }

        /// <summary>It is due: once, or again and again.</summary>
        public void Next(DateTimeOffset now)
        {
            Due = now + _period;
            clock.Set(this, _period > TimeSpan.Zero);
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
