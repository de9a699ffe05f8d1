using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>An upstream that breaks is replaced by another, and whoever watches stays.</summary>
public sealed class FailoverTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await FaultOrigin.StartAsync(segments);
        // More than any test sees, however long it stands still while the channel goes on.
        for (var n = 0; n < 4000; n++)
        {
            _origin.Server.Files[$"live/{n}.ts"] = _origin.Server.Files[$"b/{n}.ts"] = _origin.Server.Files[$"c/{n}.ts"] = segments.All[n % segments.All.Count];
        }
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task What_cannot_be_opened_is_passed_over_before_anybody_sees_anything()
    {
        _origin.Script("live/index.m3u8", Status(404));
        _origin.Script("b/index.m3u8", Text("<html>"));
        _origin.Script("c/index.m3u8", Endless(0));
        await using var channel = Open("live/index.m3u8", "b/index.m3u8", "c/index.m3u8");

        using var visit = await VisitAsync(channel);

        var status = channel.Status();
        (status.State, status.Upstream!.Index, status.Upstream.Kind, status.LastSwitch).ShouldBe((ChannelState.Live, 2, "ts", null));
        status.Upstream.Url.ShouldEndWith("/c/index.m3u8");
    }

    [Fact]
    public async Task What_breaks_off_is_replaced_and_the_feed_goes_on_after_a_break()
    {
        _origin.Script("live/index.m3u8", [.. Enumerable.Range(0, 4).Select(n => List(n, 3)), Status(500)]);
        _origin.Script("b/index.m3u8", Endless(100));
        await using var channel = Open("live/index.m3u8", "b/index.m3u8");
        using var visit = await VisitAsync(channel);

        (await Eventually.Holds(() => channel.Status() is { State: ChannelState.Live, Upstream.Index: 1 } && visit.Feed.Ts.Index.Segments.Length >= 10)).ShouldBeTrue();

        var (status, index) = (channel.Status(), visit.Feed.Ts.Index);
        (status.LastSwitch!.Reason, visit.Feed.Ending).ShouldBe(("the playlist is answered with 500", null));
        (status.LastSwitch.From.Split('/')[^2], status.LastSwitch.To.Split('/')[^2]).ShouldBe(("live", "b"));
        (status.Counters[ChannelCounter.Switches], status.Counters[ChannelCounter.Starts]).ShouldBe((1, 1));
        index.Segments.Where(s => s.IsDiscontinuity).Select(s => s.Number).ShouldBe([6]);
        var asked = _origin.Count("live/index.m3u8");
        await Task.Delay(300);
        _origin.Count("live/index.m3u8").ShouldBe(asked, "it stays with what it has found");
    }

    [Fact]
    public async Task When_all_are_gone_the_viewers_are_kept_and_who_comes_is_told_why()
    {
        var isBack = false;
        var (ahead, answers) = (0, new[] { Endless(0), Endless(50) });
        foreach (var (n, path) in new[] { "live/index.m3u8", "b/index.m3u8" }.Index())
        {
            _origin.Server.Faults[path] = async context =>
            {
                await (Volatile.Read(ref isBack) || (n == 0 && ahead++ < 4) ? answers[n] : Status(503))(context);
                return true;
            };
        }

        await using var channel = Open("live/index.m3u8", "b/index.m3u8");
        using var visit = await VisitAsync(channel);
        (await Eventually.Holds(() => IsRefusedAsync(channel))).ShouldBeTrue();
        channel.Status().State.ShouldBe(ChannelState.Retrying);

        var refused = await Should.ThrowAsync<ChannelException>(() => VisitAsync(channel));
        (refused.Code, refused.Message).ShouldBe((ErrorCode.UpstreamUnusable, "1: The playlist is answered with 503. 2: The playlist is answered with 503."));
        using (var player = await channel.VisitAsync(VisitKind.Hls, default))
        {
            player.Feed.ShouldBeSameAs(visit.Feed, "players of HLS ask again and again, and bear with it");
        }

        Volatile.Write(ref isBack, true);
        (await Eventually.Holds(() => channel.Status().State == ChannelState.Live)).ShouldBeTrue();
        visit.Feed.Ending.ShouldBeNull();
        (await VisitAsync(channel)).Feed.ShouldBeSameAs(visit.Feed);
    }

    [Fact]
    public async Task The_same_variant_at_another_place_comes_before_another_url()
    {
        _origin.Server.Files["main.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2\nlive/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb/index.m3u8\n"u8.ToArray();
        _origin.Script("live/index.m3u8", [.. Enumerable.Range(0, 4).Select(n => List(n, 3)), Status(404)]);
        _origin.Script("b/index.m3u8", Endless(2));
        _origin.Script("c/index.m3u8", Endless(0));
        await using var channel = Open("main.m3u8", "c/index.m3u8");
        using var visit = await VisitAsync(channel);

        (await Eventually.Holds(() => visit.Feed.Ts.Index.Segments.Length >= 12)).ShouldBeTrue();

        var status = channel.Status();
        (status.Upstream!.Index, status.LastSwitch!.Reason).ShouldBe((0, "the playlist is answered with 404"));
        _origin.Server.Asked.ShouldNotContain("c/index.m3u8");
        _origin.Server.Asked.ShouldNotContain("low");
        visit.Feed.Ts.Index.Segments.ShouldAllBe(s => !s.IsDiscontinuity);
        _origin.Server.Asked.Where(a => a.EndsWith(".ts", StringComparison.Ordinal)).Select(a => a.Split('/')[1]).ShouldBeUnique("it goes on where it was");
    }

    [Fact]
    public async Task A_live_channel_that_has_ended_everywhere_ends_and_is_not_shown_twice()
    {
        _origin.Script("live/index.m3u8", List(0, 3), List(1, 3), End(2, 3));
        await using var channel = Open();
        using var visit = await VisitAsync(channel);

        (await Eventually.Holds(() => visit.Feed.Ending is not null)).ShouldBeTrue();

        (visit.Feed.Ending, channel.Status().State, channel.Status().Reason).ShouldBe((FeedEnding.Ended, ChannelState.Ended, "The upstream says that the channel has ended."));
        visit.Feed.Ts.Index.Segments.Length.ShouldBe(5);
    }

    [Fact]
    public async Task A_mistake_in_what_it_works_with_ends_the_channel_and_can_be_started_again()
    {
        var calls = 0;
        _origin.Script("live/index.m3u8", Endless(0));
        await using var channel = new Channel(_origin.Channel() with { Resolver = "one" }, Tools() with
        {
            Resolve = (_, page, _) => calls++ == 0 ? throw new InvalidOperationException("a secret") : Task.FromResult(new ResolvedUrl(page, [], null)),
        });

        var e = await Should.ThrowAsync<ChannelException>(() => VisitAsync(channel));

        e.Message.ShouldNotContain("secret");
        (await Eventually.Holds(async () => !await IsRefusedAsync(channel))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_mistake_with_one_url_is_a_failure_of_that_one_and_is_logged_once()
    {
        _origin.Script("live/index.m3u8", Endless(0));
        _origin.Script("b/index.m3u8", [.. Enumerable.Range(0, 4).Select(n => List(n, 3)), Status(500)]);
        using var logs = new LogCapture();
        await using var channel = new Channel(_origin.Channel("live/index.m3u8", "b/index.m3u8") with { Resolver = "one" }, Tools() with
        {
            Logger = logs.CreateLogger("channels"),
            Resolve = (_, page, _) => page.Secret.Contains("/live/", StringComparison.Ordinal) ? throw new KeyNotFoundException("poison") : Task.FromResult(new ResolvedUrl(page, [], null)),
        });

        using var visit = await VisitAsync(channel);
        channel.Status().Upstream!.Index.ShouldBe(1);
        (await Eventually.Holds(() => _origin.Count("b/index.m3u8") > 12)).ShouldBeTrue("it goes round and round");

        visit.Feed.Ending.ShouldBeNull();
        (await Eventually.Holds(() => channel.Status().Reason?.Contains("1: The server made a mistake with what it sends; its log says more. 2: ", StringComparison.Ordinal) is true))
            .ShouldBeTrue("at the end of a round");
        logs.Lines.Count(static line => line.Contains("KeyNotFoundException: poison", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task What_a_resolver_finds_is_asked_with_its_headers_and_what_it_does_not_is_said()
    {
        var header = "";
        _origin.Server.Faults["live/index.m3u8"] = async context =>
        {
            header = context.Request.Headers["X-Of-Page"].ToString();
            await Endless(0)(context);
            return true;
        };
        var definition = _origin.Channel("page.html") with { Resolver = "streamlink" };
        await using var found = new Channel(definition, Tools() with
        {
            Resolve = (_, page, _) => Task.FromResult(new ResolvedUrl(page.Follow("live/index.m3u8"), [new("X-Of-Page", "1")], null)),
        });
        await using var missing = new Channel(definition, Tools());

        using var visit = await VisitAsync(found);

        header.ShouldBe("1");
        _origin.Server.Asked.ShouldNotContain("page.html");
        (await Should.ThrowAsync<ChannelException>(() => VisitAsync(missing))).Message.ShouldBe("Nobody finds anything.");
    }

    private static async Task<ChannelVisit> VisitAsync(Channel channel) =>
        await channel.VisitAsync(VisitKind.Endless, default).WaitAsync(Eventually.Patience);

    private static async Task<bool> IsRefusedAsync(Channel channel)
    {
        try
        {
            (await VisitAsync(channel)).Dispose();
            return false;
        }
        catch (ChannelException)
        {
            return true;
        }
    }

    private Channel Open(params string[] paths) => new(_origin.Channel(paths), Tools());

    private ChannelTools Tools() => new(
        _origin.Server.Outbound, (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody finds anything")), new FastClock(20), NullLogger.Instance);
}
