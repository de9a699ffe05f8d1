namespace Sluice.Server.Tests.Support;

/// <summary>Time that runs so many times faster than it does: for pauses that are long on purpose.</summary>
internal sealed class FastClock(double speed) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _began = System.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_began) * speed);

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Quick(System.CreateTimer(callback, state, Shorter(dueTime), Shorter(period)), Shorter);

    private TimeSpan Shorter(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class Quick(ITimer timer, Func<TimeSpan, TimeSpan> shorter) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(shorter(dueTime), shorter(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
