using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>Waiting for audio ends with the upstream.</summary>
public sealed class LiveRemuxTests(FragmentFilms films) : IClassFixture<FragmentFilms>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_timer_that_goes_off_too_late_does_nothing(bool isOver)
    {
        var clock = new LateClock();
        var feed = new LiveFeed(64 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
        using var remux = new LiveRemux(new TsLogWriter(feed.Ts), true, 0, TimeSpan.FromSeconds(2), feed.Memory, clock) { Refused = static _ => { } };
        var sink = new TransportSink(SinkRole.Main, remux);
        sink.Begin(Upstream.Segment("tv0.ts"), true);
        sink.Write(films.Read("tv0.ts"));
        (feed.Memory.TakenBytes > 0, feed.Ts.Position).ShouldBe((true, 0), "video waits for its audio");

        if (isOver)
        {
            remux.Dispose();
        }

        clock.GoOff();

        (feed.Ts.Position > 0).ShouldBe(!isOver);
        feed.Memory.TakenBytes.ShouldBeLessThan(isOver ? 1 : 4000, "but for the last picture, which has not ended");
    }

    /// <summary>Its timer goes off when a test says so, even behind its end, as one does whose thread is on the way.</summary>
    private sealed class LateClock : TimeProvider, ITimer
    {
        public Action GoOff { get; private set; } = static () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            GoOff = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
