using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Rooms;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>The room of a session: for whoever has its link, whatever it plays.</summary>
public sealed class SessionRoomTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task Whoever_has_the_link_watches_along_and_no_other_room_of_the_film_does()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        session.Text("room").ShouldBe($"/api/v1/sessions/{session.Text("id")}/room");
        using var ann = await RoomVisitor.EnterAsync(server, session.Text("room"), "Ann");
        using var bob = await RoomVisitor.EnterAsync(server, session.Text("room"), "Bob");
        var playback = session.GetProperty("playback");
        using var apart = await RoomVisitor.EnterAsync(
            server, $"/api/v1/rooms/asset/{session.GetProperty("playable").Text("id")}?token={playback.Text("token")}", "Eve");

        (ann.Welcome.Text("kind"), ann.Welcome.GetProperty("synchronized").GetBoolean()).ShouldBe(("session", true));
        await bob.SendAsync("""{"type":"seek","position":5000}""");

        (await ann.UntilAsync("state")).GetProperty("position").GetDouble().ShouldBe(120, 1, "it knows how long the film is");
        apart.Welcome.GetProperty("people").GetProperty("members").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_in_the_room_keeps_the_session_and_its_end_is_theirs()
    {
        var clock = new FakeClock();
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        await using var server = await SessionServer.StartAsync(clock: clock);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        clock.Advance(TimeSpan.FromSeconds(1)); // So that the room looks at other times than the reaper does.
        using var ann = await RoomVisitor.EnterAsync(server, session.Text("room"));
        for (var i = 0; i < 24; i++)
        {
            await LookAsync(clock);
        }

        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{session.Text("id")}")).ShouldBe(200);

        using var ended = await SessionServer.EndAsync(server, session);
        await LookAsync(clock);
        (await ann.RestAsync())[^1].Text("code").ShouldBe("no-access");
        using var again = await server.Http.GetAsync(session.Text("room"));
        await again.ShouldBeProblemAsync(404, "session-unknown");
    }

    [Fact]
    public async Task What_is_live_has_a_room_without_a_position()
    {
        await using var channels = await ChannelServer.StartAsync(segments);
        var session = await SessionServer.BeginAsync(channels.Server, channels.Upstream.Url("live/film.m3u8").Secret);
        using var ann = await RoomVisitor.EnterAsync(channels.Server, session.Text("room"));

        ann.Welcome.GetProperty("synchronized").GetBoolean().ShouldBeFalse();
        await ann.SendAsync("""{"type":"play"}""");

        (await ann.UntilAsync("error")).Text("code").ShouldBe("live");
    }

    [Fact]
    public async Task A_title_whose_links_were_revoked_has_no_room_any_more()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media.Text("id")}}"}""");
        var session = await begun.JsonAsync();
        using (var plain = await server.Http.GetAsync(session.Text("room")))
        {
            await plain.ShouldBeProblemAsync(426, "websocket-needed");
        }

        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.Text("id")}/tokens");

        using var refused = await server.Http.GetAsync(session.Text("room"));
        await refused.ShouldBeProblemAsync(502, "source-unusable");
    }

    [Fact]
    public async Task A_session_that_is_being_opened_asks_for_a_little_patience()
    {
        var clock = new FakeClock();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        origin.Gate = gate.Task;
        await using var server = await SessionServer.StartAsync(clock: clock);
        var beginning = SessionServer.PostAsync(server, origin.Url);
        (await Eventually.Holds(() => !origin.Asked.IsEmpty)).ShouldBeTrue("so that it is the answer that is waited for, and no connection");
        await PassAsync(clock, TimeSpan.FromSeconds(10));
        using var begun = await beginning;
        var room = (await begun.JsonAsync()).Text("room");

        var coming = server.Http.GetAsync(room);
        await PassAsync(clock, TimeSpan.FromSeconds(3));
        using (var early = await coming)
        {
            await early.ShouldBeProblemAsync(503, "session-opening");
            early.Headers.RetryAfter.ShouldNotBeNull();
        }

        gate.SetResult();
        await SessionServer.BeginAsync(server, origin.Url, status: 200);
        using var ann = await RoomVisitor.EnterAsync(server, room);
    }

    /// <summary>Lets the room look whether its members may still be there.</summary>
    private static Task LookAsync(FakeClock clock) => PassAsync(clock, TimeSpan.FromSeconds(5));

    /// <summary>Lets so much time pass as soon as somebody waits for that.</summary>
    private static async Task PassAsync(FakeClock clock, TimeSpan time)
    {
        (await Eventually.Holds(() => clock.IsAwaitedIn(time))).ShouldBeTrue();
        clock.Advance(time);
    }
}
