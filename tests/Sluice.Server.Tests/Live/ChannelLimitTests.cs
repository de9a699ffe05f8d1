using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>So many viewers, and no more.</summary>
public sealed class ChannelLimitTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await FaultOrigin.StartAsync(segments);
        _origin.Script("live/index.m3u8", List(0, 3));
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task One_more_comes_in_when_another_has_gone()
    {
        await using var channel = new Channel(_origin.Channel() with { MaxViewers = 2 }, Tools());
        var (one, other) = (await VisitAsync(channel), await VisitAsync(channel));

        var full = await FailAsync(() => VisitAsync(channel));

        (full.Code, full.Message).ShouldBe((ErrorCode.ChannelFull, "The channel 'one' has 2 of 2 viewers."));
        (await FailAsync(() => channel.LookAsync(VisitKind.Endless, default))).Code.ShouldBe(ErrorCode.ChannelFull);
        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "player"))).Code.ShouldBe(ErrorCode.ChannelFull);
        using var recording = await VisitAsync(channel, VisitKind.Recording);
        one.Dispose();
        using var next = await VisitAsync(channel);
        channel.Status().Viewers.ShouldBe(new ViewerCounts(2, 0, 1), "what the operator records is none");
        other.Dispose();
    }

    [Fact]
    public async Task A_player_that_is_in_stays_in_until_nothing_is_heard_of_it()
    {
        await using var channel = new Channel(_origin.Channel() with { MaxViewers = 1 }, Tools());
        for (var n = 0; n < 5; n++)
        {
            (await VisitAsync(channel, VisitKind.Hls, "one")).Dispose();
            (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "two"))).Code.ShouldBe(ErrorCode.ChannelFull);
            channel.Touch("two");
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        channel.Status().Viewers.ShouldBe(new ViewerCounts(0, 1, 0), "to ask for a segment is no way in");
        channel.Touch("one");
        _clock.Advance(TimeSpan.FromSeconds(15));
        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "two"))).Code.ShouldBe(ErrorCode.ChannelFull, "but who is in stays in by it");
        _clock.Advance(TimeSpan.FromSeconds(6));
        (await VisitAsync(channel, VisitKind.Hls, "two")).Dispose();
        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "one"))).Code.ShouldBe(ErrorCode.ChannelFull);
    }

    [Fact]
    public async Task First_viewers_who_come_at_once_are_no_more_than_may_be()
    {
        await using var channel = new Channel(_origin.Channel() with { MaxViewers = 3 }, Tools());

        var came = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(async () =>
        {
            try
            {
                await VisitAsync(channel, n % 2 == 0 ? VisitKind.Endless : VisitKind.Hls, $"player {n}");
                return true;
            }
            catch (ChannelException e) when (e.Code == ErrorCode.ChannelFull)
            {
                return false;
            }
        })));

        came.Count(c => c).ShouldBe(3);
    }

    [Fact]
    public async Task However_many_players_there_are_each_of_them_counts()
    {
        const int most = 5000;
        await using var channel = new Channel(_origin.Channel() with { MaxViewers = most }, Tools());
        for (var n = 0; n < most; n++)
        {
            (await VisitAsync(channel, VisitKind.Hls, $"player {n}")).Dispose();
        }

        channel.Status().Viewers.ShouldBe(new ViewerCounts(0, most, 0));
        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "one more"))).Code.ShouldBe(ErrorCode.ChannelFull);
        (await VisitAsync(channel, VisitKind.Hls, "player 0")).Dispose();
        _clock.Advance(TimeSpan.FromSeconds(30));
        (await VisitAsync(channel, VisitKind.Hls, "one more")).Dispose();
        channel.Status().Viewers.ShouldBe(new ViewerCounts(0, 1, 0));
    }

    [Fact]
    public async Task Whoever_waits_for_an_answer_keeps_its_place_however_long_that_takes()
    {
        await using var channel = new Channel(_origin.Channel() with { MaxViewers = 1 }, Tools());
        var waiting = await VisitAsync(channel, VisitKind.Hls, "one");
        _clock.Advance(TimeSpan.FromSeconds(60));

        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "two"))).Code.ShouldBe(ErrorCode.ChannelFull);
        waiting.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(15));
        (await FailAsync(() => VisitAsync(channel, VisitKind.Hls, "two"))).Code.ShouldBe(ErrorCode.ChannelFull);
        _clock.Advance(TimeSpan.FromSeconds(6));
        (await VisitAsync(channel, VisitKind.Hls, "two")).Dispose();
    }

    [Fact]
    public async Task Nobody_comes_in_by_another_channel_while_the_last_place_is_taken()
    {
        // While one looks whether there is room, and until it has come in, nobody else looks.
        var (inside, both) = (0, 0);
        Channel[] channels = [];
        var room = new ViewerRoom(1, () =>
        {
            both = Math.Max(both, Interlocked.Increment(ref inside));
            var all = channels.Sum(static c => c.Watching);
            Thread.Yield();
            Interlocked.Decrement(ref inside);
            return all;
        });
        await using var one = new Channel(_origin.Channel(), Tools(), room: room);
        await using var other = new Channel(_origin.Channel() with { Name = "two" }, Tools(), room: room);
        channels = [one, other];

        var came = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(async () =>
        {
            try
            {
                await VisitAsync(channels[n % 2]);
                return 1;
            }
            catch (ChannelException e) when (e.Code == ErrorCode.ChannelFull)
            {
                return 0;
            }
        })));

        (came.Sum(), both).ShouldBe((1, 1));
    }

    [Fact]
    public async Task All_channels_together_have_a_limit_too()
    {
        await using var channels = new ChannelRegistry(Tools() with { MostViewers = 2 });
        channels.Apply(ChannelOrigin.Api, [_origin.Channel(), _origin.Channel() with { Name = "two" }]);
        using var one = await VisitAsync(channels.All[0]);
        (await VisitAsync(channels.All[1], VisitKind.Hls, "player")).Dispose();

        (await FailAsync(() => VisitAsync(channels.All[0]))).Message.ShouldBe("All channels together have 2 of 2 viewers.");
        (await VisitAsync(channels.All[1], VisitKind.Hls, "player")).Dispose();
        (await VisitAsync(channels.All[0], VisitKind.Recording)).Dispose();
        _clock.Advance(TimeSpan.FromSeconds(21));
        (await VisitAsync(channels.All[0])).Dispose();
    }

    [Fact]
    public async Task Viewers_of_a_sessions_channel_are_viewers_too()
    {
        await using var channels = new ChannelRegistry(Tools() with { MostViewers = 1 });
        channels.Apply(ChannelOrigin.Api, [_origin.Channel()]);
        channels.Apply(ChannelOrigin.Session, [_origin.Channel() with { Name = "session", Origin = ChannelOrigin.Session }]);
        channels.TryGet("session", out var session).ShouldBeTrue();

        using var viewer = await VisitAsync(session);

        channels.All.ShouldHaveSingleItem();
        (await FailAsync(() => VisitAsync(channels.All[0]))).Message.ShouldBe("All channels together have 1 of 1 viewers.");
    }

    [Fact]
    public async Task Who_does_not_come_in_is_told_how_many_there_are_and_when_to_ask_again()
    {
        await using var server = await ChannelServer.StartAsync(segments, configure: options => options.Live.MaxViewers = 2);
        var film = server.Set("film", "live/index.m3u8");
        server.Upstream.Files["live/index.m3u8"] = ChannelServer.List(0, 4);
        server.Set(film with { MaxViewers = 1 }, film with { Name = "other" });
        using var viewer = await server.Http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead);
        viewer.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var full = await server.Http.GetAsync("/live/film");
        full.Headers.RetryAfter!.ToString().ShouldBe("30");
        (await full.ShouldBeProblemAsync(503, "channel-full")).Text("detail").ShouldBe("The channel 'film' has 1 of 1 viewers.");
        using var playlist = await server.Http.GetAsync("/live/film/index.m3u8");
        await playlist.ShouldBeProblemAsync(503, "channel-full");

        (await server.Http.GetAsync("/live/other/index.m3u8")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var all = await server.Http.GetAsync("/live/other");
        (await all.ShouldBeProblemAsync(503, "channel-full")).Text("detail").ShouldBe("All channels together have 2 of 2 viewers.");
    }

    [Fact]
    public async Task Only_who_asks_for_playlists_is_a_viewer()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");
        using var playlist = await AskAsync("index.m3u8", "one");
        playlist.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var none = await AskAsync("ts/1.ts", "two");

        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        server.Channel("film").Status().Viewers.ShouldBe(new ViewerCounts(0, 1, 0));
        var first = server.Channel("film").Feed!.First.Segment;
        using var some = await AskAsync($"ts/{first}.ts", "three");
        some.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Channel("film").Status().Viewers.ShouldBe(new ViewerCounts(0, 1, 0));

        Task<HttpResponseMessage> AskAsync(string file, string player) => server.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, $"/live/film/{file}") { Headers = { { "User-Agent", player } } });
    }

    private static Task<ChannelVisit> VisitAsync(Channel channel, VisitKind kind = VisitKind.Endless, string? player = null) =>
        channel.VisitAsync(kind, default, player).WaitAsync(Eventually.Patience);

    private static async Task<ChannelException> FailAsync(Func<Task> visit) => await Should.ThrowAsync<ChannelException>(visit);

    private ChannelTools Tools() => new(
        _origin.Server.Outbound, (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody")), _clock, NullLogger.Instance);
}
