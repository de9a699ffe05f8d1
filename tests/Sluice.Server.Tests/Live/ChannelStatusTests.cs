using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>What a channel says of itself, and what it takes.</summary>
public sealed class ChannelStatusTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void Rates_are_of_the_seconds_that_are_over()
    {
        var rate = new RateWindow(_clock);
        rate.Add(1000);
        rate.BitsPerSecond.ShouldBe(0, "the second is not over");
        Pass(1);
        rate.BitsPerSecond.ShouldBe(1600);
        rate.Add(4000);
        Pass(4);
        rate.BitsPerSecond.ShouldBe(8000);
        Pass(1);
        rate.BitsPerSecond.ShouldBe(6400);
        Pass(60);
        rate.Add(1);
        rate.BitsPerSecond.ShouldBe(0);
    }

    [Fact]
    public void Latencies_are_of_the_last_hundred()
    {
        var window = new LatencyWindow();
        window.Read().ShouldBeNull();
        foreach (var n in Enumerable.Range(1, 250))
        {
            window.Add(TimeSpan.FromMilliseconds(n));
        }

        window.Read().ShouldBe(new FetchLatency(TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(245)));
    }

    [Fact]
    public async Task It_counts_what_came_what_did_not_and_how_long_it_took()
    {
        await using var origin = await FaultOrigin.StartAsync(segments);
        origin.Server.Refuse("live/2.ts", 404, int.MaxValue);
        origin.Server.Files["live/4.ts"] = [.. segments.All[4], 0x47, 1, 2];
        origin.Script("live/index.m3u8", List(0, 3), List(10, 3), List(9, 3), Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:4\n"
            + "#EXTINF:1,\n4.ts\n#EXT-X-GAP\n#EXTINF:1,\n5.ts\n#EXTINF:1,\n6.ts\n"));
        await using var channel = new Channel(origin.Channel(), Tools(origin, new FastClock(10)));
        using var visit = await channel.VisitAsync(VisitKind.Endless, default);
        visit.Sent(1234);
        visit.Skipped();
        visit.Dropped();

        (await Eventually.Holds(() => channel.Status().Counters[ChannelCounter.Segments] == 7)).ShouldBeTrue();

        var status = channel.Status();
        var counters = status.Counters;
        counters.Where(c => c.Value == 0).Select(c => c.Key).ShouldBe([ChannelCounter.Losses, ChannelCounter.TimesAlone, ChannelCounter.LateFrames, ChannelCounter.Switches]);
        (counters[ChannelCounter.Starts], counters[ChannelCounter.BytesOut], counters[ChannelCounter.Skips], counters[ChannelCounter.Drops]).ShouldBe((1, 1234, 1, 1));
        (counters[ChannelCounter.Missed], counters[ChannelCounter.Resets], counters[ChannelCounter.Lags], counters[ChannelCounter.Gaps]).ShouldBe((7, 1, 1, 1));
        (counters[ChannelCounter.FailedSegments], counters[ChannelCounter.LostBytes]).ShouldBe((1, 3));
        counters[ChannelCounter.BytesIn].ShouldBe(new[] { 0, 1, 10, 11, 0, 4, 6 }.Sum(n => (long)segments.All[n].Length) + 3);
        status.Latency!.P95.ShouldBeGreaterThan(TimeSpan.Zero);
        (status.Log.Segments, status.Log.BudgetBytes).ShouldBe((visit.Feed.Ts.Index.Segments.Length, 16 << 20));
    }

    [Fact]
    public async Task What_is_on_its_way_and_what_is_there_share_one_budget()
    {
        const int Budget = 2 << 20;
        await using var origin = await FaultOrigin.StartAsync(segments);
        var gate = new TaskCompletionSource();
        for (var n = 0; n < 12; n++)
        {
            origin.Server.Files[$"live/{n}.ts"] = [.. Enumerable.Repeat(segments.All[n], 1 + ((1 << 20) / segments.All[n].Length)).SelectMany(b => b)];
        }

        origin.Server.Faults["live/3.ts"] = async _ =>
        {
            await gate.Task;
            return false;
        };
        origin.Script("live/index.m3u8", List(0, 3), List(0, 12));
        await using var channel = new Channel(origin.Channel() with { BufferBytes = Budget }, Tools(origin, TimeProvider.System));
        using var visit = await channel.VisitAsync(VisitKind.Endless, default);
        var memory = visit.Feed.Memory;

        (await Eventually.Holds(() => origin.Count("live/6.ts") == 1 && memory.TakenBytes > Budget / 4)).ShouldBeTrue();
        await Task.Delay(300);
        memory.TakenBytes.ShouldBeInRange(Budget / 4, Budget / 2);
        gate.SetResult();

        (await Eventually.Holds(() =>
        {
            memory.HeldBytes.ShouldBeLessThanOrEqualTo(Budget);
            return channel.Status().Counters[ChannelCounter.Segments] == 12;
        })).ShouldBeTrue();
        (await Eventually.Holds(() => memory.TakenBytes == 0)).ShouldBeTrue("all that was held was handed on");
        (visit.Feed.Ts.HeldBytes > Budget / 2).ShouldBeTrue("the log has what is left");
    }

    private static ChannelTools Tools(FaultOrigin origin, TimeProvider clock) => new(
        origin.Server.Outbound, (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody")), clock, NullLogger.Instance);

    private void Pass(int seconds)
    {
        for (var n = 0; n < seconds; n++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
