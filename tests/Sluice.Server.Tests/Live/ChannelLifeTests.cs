using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>A channel runs when somebody watches, and only then (part B, line 16).</summary>
public sealed class ChannelLifeTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await FaultOrigin.StartAsync(segments);
        _origin.Script("live/index.m3u8", [.. Enumerable.Range(0, 150).Select(n => List(n, 3))]);
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task Any_number_of_first_viewers_are_one_start()
    {
        await using var channel = Open();

        var visits = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => VisitAsync(channel))));

        visits.Select(v => v.Feed).Distinct().Count().ShouldBe(1);
        _origin.Count("live/index.m3u8").ShouldBe(1);
        channel.Status().Viewers.ShouldBe(new ViewerCounts(50, 0, 0));
        Counted(channel, ChannelCounter.Starts).ShouldBe(1);
        visits[0].Feed.Ts.Index.Newest.ShouldNotBeNull("there is something to see at once");
        visits[0].Feed.TargetDuration.ShouldBe(TimeSpan.FromSeconds(1));
        visits[0].Feed.First.Segment.ShouldBe(_clock.GetUtcNow().ToUnixTimeSeconds());
    }

    [Fact]
    public async Task The_upstream_is_let_go_some_time_after_the_last_viewer_and_not_before()
    {
        await using var channel = Open();
        var (one, other) = (await VisitAsync(channel), await VisitAsync(channel));
        one.Dispose();
        one.Dispose();
        Pass(60);
        channel.Status().State.ShouldBe(ChannelState.Live, "there is one left");

        other.Dispose();
        Pass(19);
        channel.Status().State.ShouldBe(ChannelState.Live);
        Pass(1);

        channel.Status().State.ShouldBe(ChannelState.Idle);
        (await Eventually.Holds(() => one.Feed.Ending == FeedEnding.Released && one.Feed.Ts.IsComplete)).ShouldBeTrue();
        var asked = await CountAtRestAsync();
        Pass(60);
        (await CountAtRestAsync()).ShouldBe(asked);
    }

    [Fact]
    public async Task A_viewer_who_comes_meanwhile_gets_the_feed_that_runs_and_one_who_comes_later_a_new_one()
    {
        await using var channel = Open();
        var first = await VisitAsync(channel);
        first.Dispose();
        Pass(15);
        var second = await VisitAsync(channel);
        second.Feed.ShouldBeSameAs(first.Feed);
        Pass(30);
        channel.Status().State.ShouldBe(ChannelState.Live);
        second.Dispose();
        Pass(20);

        (await VisitAsync(channel)).Feed.ShouldNotBeSameAs(first.Feed);
        Counted(channel, ChannelCounter.Starts).ShouldBe(2);
    }

    [Fact]
    public async Task Numbers_never_go_back_and_the_target_duration_stays()
    {
        // As many at a time as are not left out for being too far from the end.
        _origin.Script("live/index.m3u8", List(0, 3), List(0, 28), List(25, 28), List(50, 28), List(75, 28), Text(ListText(0, 3).Replace("DURATION:1", "DURATION:4", StringComparison.Ordinal)));
        await using var channel = Open();
        var first = await VisitAsync(channel);
        var polls = 0;
        (await Eventually.Holds(() =>
        {
            Pass(++polls % 10 == 0 ? 1 : 0); // Downloads take real time, in which the clock is not to run ahead of the numbers.
            return first.Feed.Ts.Index.Segments[^1].Number > 90;
        })).ShouldBeTrue();
        var last = first.Feed.First.Segment + first.Feed.Ts.Index.Segments[^1].Number;
        first.Dispose();
        Pass(20);
        last.ShouldBeGreaterThan(_clock.GetUtcNow().ToUnixTimeSeconds(), "more segments than seconds");

        var second = await VisitAsync(channel);

        second.Feed.First.Segment.ShouldBeGreaterThan(last);
        second.Feed.First.Discontinuity.ShouldBeGreaterThan(first.Feed.First.Discontinuity);
        second.Feed.First.Discontinuity.ShouldBeLessThan(10_000_000, "players keep lists that are as long");
        second.Feed.TargetDuration.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("999999")]
    [InlineData("9999999999")]
    public async Task A_target_duration_that_nobody_can_mean_harms_nobody(string target)
    {
        _origin.Script("live/index.m3u8", Text(ListText(0, 3).Replace("DURATION:1", "DURATION:" + target, StringComparison.Ordinal)));
        await using var channel = Open();
        var visit = await VisitAsync(channel);

        visit.Feed.TargetDuration.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        (await VisitAsync(channel, VisitKind.Hls, "player")).Dispose();
        visit.Dispose();
        Pass(121);
        channel.Status().State.ShouldBe(ChannelState.Idle);
    }

    [Fact]
    public async Task When_nobody_watches_its_memory_is_given_back()
    {
        await using var channel = Open();
        var log = await WatchAndLeaveAsync(channel);

        (await Eventually.Holds(() =>
        {
            GC.Collect();
            return !log.IsAlive;
        })).ShouldBeTrue();
        channel.Status().Log.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task Hls_players_keep_it_by_asking_and_count_once_each()
    {
        await using var channel = Open();
        for (var n = 0; n < 10; n++)
        {
            (await VisitAsync(channel, VisitKind.Hls, "a")).Dispose();
            (await VisitAsync(channel, VisitKind.Hls, "b")).Dispose();
            Pass(15);
        }

        channel.Status().Viewers.ShouldBe(new ViewerCounts(0, 2, 0));
        channel.Touch("b");
        channel.Touch("nobody");
        Pass(19);
        channel.Status().Viewers.ShouldBe(new ViewerCounts(0, 1, 0), "asking for a segment is enough");
        Counted(channel, ChannelCounter.Starts).ShouldBe(1);
        Pass(1);
        (channel.Status().State, channel.Feed).ShouldBe((ChannelState.Idle, null));
        channel.Status().Viewers.Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_start_that_fails_is_told_to_all_who_wait_and_for_some_seconds_to_all_who_come()
    {
        _origin.Script("live/index.m3u8", Status(404), List(0, 3));
        await using var channel = Open();

        var failures = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => FailAsync(channel))));

        failures.ShouldAllBe(e => e.Code == ErrorCode.UpstreamUnusable && e.Message == "The playlist is answered with 404.");
        var status = channel.Status();
        (status.State, status.Reason, status.Viewers.Total).ShouldBe((ChannelState.Idle, "The playlist is answered with 404.", 0));
        Pass(4);
        await FailAsync(channel);
        _origin.Server.Asked.Count.ShouldBe(1);
        Pass(1);
        (await VisitAsync(channel)).Feed.IsJoinable.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_come_back_and_who_goes_leaves_nothing_running()
    {
        var gate = new TaskCompletionSource();
        _origin.Script("live/index.m3u8", After(gate.Task, List(0, 3)));
        await using var channel = Open();
        using var going = new CancellationTokenSource();
        var (waiting, gone) = (FailAsync(channel), channel.VisitAsync(VisitKind.Endless, going.Token));
        (await Eventually.Holds(() => _origin.Server.Asked.Count == 1)).ShouldBeTrue();
        channel.Status().State.ShouldBe(ChannelState.Starting);

        await going.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        Pass(40);

        (await waiting).Code.ShouldBe(ErrorCode.ChannelWarming);
        Pass(20);
        channel.Status().State.ShouldBe(ChannelState.Idle);
        gate.SetResult();
    }

    [Fact]
    public async Task A_film_ends_and_whoever_comes_then_starts_it_anew()
    {
        _origin.Script("live/index.m3u8", End(0, 3));
        await using var channel = Open();
        var first = await VisitAsync(channel);
        await PassUntilAsync(() => channel.Status().State == ChannelState.Ended);

        (first.Feed.Ending, first.Feed.Ts.IsComplete, first.Feed.Ts.IsBroken).ShouldBe((FeedEnding.Ended, true, false));
        using (var player = await VisitAsync(channel, VisitKind.Hls))
        {
            player.Feed.ShouldBeSameAs(first.Feed, "a player that asks once more is told that it has ended");
        }

        (await VisitAsync(channel)).Feed.ShouldNotBeSameAs(first.Feed);
        channel.Status().State.ShouldBe(ChannelState.Live);
    }

    [Fact]
    public async Task What_is_switched_off_is_not_to_be_had()
    {
        await using var channel = new Channel(_origin.Channel() with { IsEnabled = false }, Tools());

        (await FailAsync(channel)).Code.ShouldBe(ErrorCode.ChannelOff);

        (channel.Status().State, _origin.Server.Asked.Count).ShouldBe((ChannelState.Off, 0));
    }

    [Fact]
    public async Task Only_what_has_changed_is_touched()
    {
        await using var channels = new ChannelRegistry(Tools());
        var one = _origin.Channel();
        channels.Apply(ChannelOrigin.Configuration, [one with { Name = "b" }, one with { Name = "a" }, one with { Name = "c" }]);
        channels.All.Select(c => c.Definition.Name).ShouldBe(["a", "b", "c"]);
        var visits = await Task.WhenAll(channels.All.Select(c => VisitAsync(c)));

        channels.Apply(ChannelOrigin.Configuration,
            [one with { Name = "a", Title = "A", IsPublic = true }, one with { Name = "b", Urls = [.. one.Urls] }, one with { Name = "c", Threads = 2 }]);

        (visits[0].Feed.Ending, visits[1].Feed.Ending).ShouldBe((null, null));
        channels.All[0].Definition.Title.ShouldBe("A");
        (await Eventually.Holds(() => visits[2].Feed is { Ending: FeedEnding.Stopped, Ts: { IsComplete: true, IsBroken: false } })).ShouldBeTrue();
        channels.TryGet("c", out var changed).ShouldBeTrue();
        var again = (await VisitAsync(changed)).Feed;
        again.ShouldNotBeSameAs(visits[2].Feed);
        again.First.Segment.ShouldBeGreaterThan(visits[2].Feed.First.Segment, "its players have seen these numbers");
        again.First.Discontinuity.ShouldBeGreaterThan(visits[2].Feed.First.Discontinuity);
        channels.Apply(ChannelOrigin.Configuration, [one with { Name = "a", IsEnabled = false }]);
        channels.TryGet("b", out _).ShouldBeFalse();
        (await Eventually.Holds(() => visits.All(v => v.Feed.Ending == FeedEnding.Stopped))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_name_of_the_configuration_hides_that_of_the_api_for_as_long_as_it_is_there()
    {
        await using var channels = new ChannelRegistry(Tools());
        var one = _origin.Channel();
        channels.Apply(ChannelOrigin.Api, [one, one with { Name = "two" }]);
        channels.Apply(ChannelOrigin.Configuration, [one with { Origin = ChannelOrigin.Configuration }]);

        channels.All.Select(c => (c.Definition.Name, c.Definition.Origin)).ShouldBe([("one", ChannelOrigin.Configuration), ("two", ChannelOrigin.Api)]);
        channels.Apply(ChannelOrigin.Configuration, []);
        channels.All.Select(c => c.Definition.Origin).ShouldAllBe(o => o == ChannelOrigin.Api);
    }

    [Fact]
    public async Task The_end_of_the_server_ends_all_of_them_at_once()
    {
        var gate = new TaskCompletionSource();
        _origin.Script("slow/index.m3u8", After(gate.Task, List(0, 3)));
        var channels = new ChannelRegistry(Tools());
        channels.Apply(ChannelOrigin.Api, [_origin.Channel(), _origin.Channel("slow/index.m3u8") with { Name = "two" }]);
        var visit = await VisitAsync(channels.All[0]);
        var waiting = FailAsync(channels.All[1]);
        (await Eventually.Holds(() => _origin.Count("slow/index.m3u8") == 1)).ShouldBeTrue();

        await channels.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);

        visit.Feed.Ending.ShouldBe(FeedEnding.Stopped);
        (await waiting).Code.ShouldBe(ErrorCode.ChannelOff);
        (await FailAsync(channels.All[0])).Code.ShouldBe(ErrorCode.ChannelOff);
        gate.SetResult();
    }

    [Fact]
    public async Task Whoever_comes_and_goes_whenever_gets_a_feed_that_runs_for_as_long_as_he_stays()
    {
        var load = -1;
        _origin.Server.Faults["live/index.m3u8"] = async context =>
        {
            await List(Interlocked.Increment(ref load) % 150, 3)(context);
            return true;
        };
        await using var channel = new Channel(
            _origin.Channel() with { Idle = TimeSpan.FromMilliseconds(20) }, Tools() with { Clock = new FastClock(20) });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            var random = new Random(n);
            for (var round = 0; round < 40; round++)
            {
                using var visit = await VisitAsync(channel, random.Next(2) == 0 ? VisitKind.Endless : VisitKind.Recording);
                await Task.Delay(random.Next(8));
                (visit.Feed.Ending, visit.Feed.IsJoinable).ShouldBe((null, true));
                visit.Dispose();
                await Task.Delay(random.Next(60));
            }
        })));

        channel.Status().Viewers.Total.ShouldBe(0);
        (await Eventually.Holds(() => channel.Status().State == ChannelState.Idle)).ShouldBeTrue();
        Counted(channel, ChannelCounter.Starts).ShouldBeGreaterThan(3, "it was let go in between");
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("nasa-tv-4", true)]
    [InlineData("", false)]
    [InlineData("Nasa", false)]
    [InlineData("a.b", false)]
    [InlineData("../a", false)]
    [InlineData("straße", false)]
    public void Names_are_lower_case_letters_digits_and_hyphens(string text, bool isName)
    {
        ChannelDefinition.IsName(text).ShouldBe(isName);
        ChannelDefinition.IsName(string.Concat(Enumerable.Repeat(text, 65))).ShouldBeFalse();
    }

    private static async Task<ChannelVisit> VisitAsync(Channel channel, VisitKind kind = VisitKind.Endless, string? player = null) =>
        await channel.VisitAsync(kind, default, player).WaitAsync(Eventually.Patience);

    private static async Task<ChannelException> FailAsync(Channel channel) =>
        await Should.ThrowAsync<ChannelException>(() => channel.VisitAsync(VisitKind.Endless, default).WaitAsync(Eventually.Patience));

    private static long Counted(Channel channel, ChannelCounter counter) => channel.Status().Counters[counter];

    /// <summary>How often the origin was asked, once nothing is under way any more: what was given up may still arrive there.</summary>
    private async Task<int> CountAtRestAsync()
    {
        for (var last = -1; ; await Task.Delay(200))
        {
            var now = _origin.Server.Asked.Count;
            if (now == last)
            {
                return now;
            }

            last = now;
        }
    }

    private async Task<WeakReference> WatchAndLeaveAsync(Channel channel)
    {
        using (var visit = await VisitAsync(channel))
        {
            visit.Dispose();
            Pass(20);
            return new WeakReference(visit.Feed.Ts);
        }
    }

    private Channel Open() => new(_origin.Channel(), Tools());

    private ChannelTools Tools() => new(
        _origin.Server.Outbound, (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody")), _clock, NullLogger.Instance);

    private void Pass(int seconds)
    {
        for (var n = 0; n < seconds; n++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private async Task PassUntilAsync(Func<bool> holds) => (await Eventually.Holds(() =>
    {
        Pass(1);
        return holds();
    })).ShouldBeTrue();
}
