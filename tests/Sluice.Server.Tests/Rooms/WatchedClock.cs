using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Rooms;

/// <summary>A clock that lets a test step in at the moment when somebody looks at it.</summary>
internal sealed class WatchedClock(FakeClock clock) : TimeProvider
{
    private Action? _next;
    private int _looks;

    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <summary>Has <paramref name="act"/> done, once, by whoever looks at the clock for the <paramref name="nth"/> time from now on.</summary>
    public void AtLook(int nth, Action act)
    {
        _looks = nth;
        Volatile.Write(ref _next, act);
    }

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp()
    {
        if (Volatile.Read(ref _next) is not null && Interlocked.Decrement(ref _looks) == 0)
        {
            Interlocked.Exchange(ref _next, null)?.Invoke();
        }

        return clock.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
