using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Rooms;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Rooms through the real server: the protocol of docs/rooms.md.</summary>
public sealed class RoomSocketTests
{
    [Fact]
    public async Task Two_people_play_pause_and_talk()
    {
        await using var server = await StartAsync();
        var path = await RoomAsync(server);
        using var ann = await RoomVisitor.EnterAsync(server, path, "Ann");
        using var bob = await RoomVisitor.EnterAsync(server, path, "Bob");
        (bob.Welcome.Text("kind"), bob.Welcome.GetProperty("synchronized").GetBoolean()).ShouldBe(("asset", true));
        bob.Welcome.GetProperty("state").GetProperty("paused").GetBoolean().ShouldBeTrue();
        var people = await ann.UntilAsync("people", p => p.GetProperty("members").GetArrayLength() == 2);
        people.GetProperty("host").GetInt32().ShouldBe(ann.Id);
        people.GetProperty("members").EnumerateArray().Select(m => m.Text("name")).ShouldBe(["Ann", "Bob"]);

        await bob.SendAsync("""{"type":"seek","position":4.5}""");
        await bob.SendAsync("""{"type":"play"}""");
        foreach (var visitor in (RoomVisitor[])[ann, bob])
        {
            var state = await visitor.UntilAsync("state", s => !s.GetProperty("paused").GetBoolean());
            state.GetProperty("position").GetDouble().ShouldBeInRange(4.5, 5.5);
        }

        await ann.SendAsync("""{"type":"pause"}""");
        await bob.UntilAsync("state", s => s.GetProperty("paused").GetBoolean());
        await ann.SendAsync("""{"type":"chat","text":"<b>hello</b> & Grüße"}""");
        var line = await bob.UntilAsync("chat");
        (line.Text("name"), line.Text("text")).ShouldBe(("Ann", "<b>hello</b> & Grüße"));

        using var eve = await RoomVisitor.EnterAsync(server, path, "Bob");
        eve.Welcome.GetProperty("chat")[0].Text("text").ShouldBe("<b>hello</b> & Grüße");
        eve.Welcome.GetProperty("people").GetProperty("members")[2].Text("name").ShouldBe("Bob 2");
    }

    [Fact]
    public async Task A_ping_is_answered_with_the_rooms_time()
    {
        await using var server = await StartAsync();
        using var ann = await RoomVisitor.EnterAsync(server, await RoomAsync(server));
        await ann.SendAsync("""{"type":"ping","time":12345.5}""");
        var pong = await ann.UntilAsync("pong");
        pong.GetProperty("time").GetDouble().ShouldBe(12345.5);
        var (received, sent) = (pong.GetProperty("received").GetDouble(), pong.GetProperty("sent").GetDouble());
        received.ShouldBeGreaterThanOrEqualTo(ann.Welcome.GetProperty("time").GetDouble());
        sent.ShouldBeGreaterThanOrEqualTo(received);
    }

    [Fact]
    public async Task Who_stalls_is_waited_for_and_a_broken_connection_is_not()
    {
        await using var server = await StartAsync();
        var path = await RoomAsync(server);
        using var ann = await RoomVisitor.EnterAsync(server, path);
        using var bob = await RoomVisitor.EnterAsync(server, path);
        await bob.SendAsync("""{"type":"status","ready":true,"drift":0.01}""");
        await bob.SendAsync("""{"type":"play"}""");
        await bob.SendAsync("""{"type":"status","ready":false}""");
        await ann.UntilAsync("state", s => s.GetProperty("held").GetBoolean());
        await ann.UntilAsync("people", p => p.GetProperty("members")[1].GetProperty("waitedFor").GetBoolean());

        bob.Break();
        var state = await ann.UntilAsync("state", s => !s.GetProperty("held").GetBoolean());
        state.GetProperty("paused").GetBoolean().ShouldBeFalse();
        await ann.UntilAsync("people", p => p.GetProperty("members")[1].GetProperty("away").GetBoolean());

        var resume = bob.Welcome.Text("resume");
        using var back = await RoomVisitor.EnterAsync(server, path, more: $$""","resume":"{{resume}}" """);
        back.Id.ShouldBe(bob.Id);
        await ann.UntilAsync("people", p => !p.GetProperty("members")[1].GetProperty("away").GetBoolean());
    }

    [Fact]
    public async Task The_same_member_a_second_time_takes_the_place_of_the_first()
    {
        await using var server = await StartAsync();
        var path = await RoomAsync(server);
        using var ann = await RoomVisitor.EnterAsync(server, path);
        using var again = await RoomVisitor.EnterAsync(server, path, more: $$""","resume":"{{ann.Welcome.Text("resume")}}" """);

        (await ann.RestAsync())[^1].Text("code").ShouldBe("replaced");
        ((int?)ann.End.Status).ShouldBe(4001);
        await again.SendAsync("""{"type":"play"}""");
        await again.UntilAsync("state", s => !s.GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task Who_leaves_is_gone_and_who_closes_the_page_may_come_back()
    {
        await using var server = await StartAsync();
        var path = await RoomAsync(server);
        using var ann = await RoomVisitor.EnterAsync(server, path);
        using var bob = await RoomVisitor.EnterAsync(server, path);
        using var eve = await RoomVisitor.EnterAsync(server, path);
        await bob.SendAsync("""{"type":"leave"}""");
        await bob.RestAsync();
        await eve.CloseAsync();

        var people = await ann.UntilAsync(
            "people", p => p.GetProperty("members") is var members && members.GetArrayLength() == 2 && members[1].GetProperty("away").GetBoolean());
        people.GetProperty("members")[1].GetProperty("id").GetInt32().ShouldBe(eve.Id);
    }

    [Fact]
    public async Task After_a_restart_the_first_to_come_says_where_the_room_was()
    {
        await using (var server = await StartAsync())
        {
            using var ann = await RoomVisitor.EnterAsync(server, await RoomAsync(server));
            await server.App.StopAsync(TestContext.Current.CancellationToken);
            await ann.RestAsync();
            ann.End.Reason.ShouldBe("stopping");
        }

        await using var next = await StartAsync();
        const string Memory = """{"revision":7,"paused":false,"position":6.5,"rate":1,"hostOnly":false,"wasHost":true}""";
        using var back = await RoomVisitor.EnterAsync(next, await RoomAsync(next), more: $$""","resume":"0123","restore":{{Memory}}""");
        var state = back.Welcome.GetProperty("state");
        (state.GetProperty("paused").GetBoolean(), state.GetProperty("position").GetDouble()).ShouldBe((false, 6.5));
        state.GetProperty("revision").GetInt64().ShouldBeGreaterThan(7);
    }

    [Fact]
    public async Task A_full_house_says_so()
    {
        await using var server = await StartAsync(options => (options.Rooms.Members, options.Rooms.Most) = (2, 1));
        var (path, other) = (await RoomAsync(server), await RoomAsync(server));
        using var ann = await RoomVisitor.EnterAsync(server, path);
        using var bob = await RoomVisitor.EnterAsync(server, path);
        foreach (var full in (string[])[path, other])
        {
            using var eve = await RoomVisitor.ConnectAsync(server, full);
            await eve.SendAsync("""{"type":"hello","version":1}""");
            (await eve.RestAsync())[^1].Text("code").ShouldBe("full");
            ((int?)eve.End.Status).ShouldBe(4003);
        }

        await ann.SendAsync("""{"type":"leave"}""");
        await bob.SendAsync("""{"type":"leave"}""");
        await ann.RestAsync();
        await bob.RestAsync();
        using var last = await RoomVisitor.EnterAsync(server, other);
        server.App.Services.GetRequiredService<RoomDirectory>().Count.ShouldBe(1, "an empty room makes place");
    }

    [Fact]
    public async Task Faults_are_told_and_end_nothing()
    {
        await using var server = await StartAsync();
        using var ann = await RoomVisitor.EnterAsync(server, await RoomAsync(server));
        foreach (var (message, code) in new (string, string)[]
            {
                ("""{"type":"dance"}""", "invalid"), ("""{"type":"seek"}""", "invalid"), ("""{"type":"seek","position":1e999}""", "invalid"),
                ("""{"type":"rate","rate":0}""", "invalid"), ("""{"type":"control","control":"me"}""", "invalid"),
                ("""{"type":"host","to":99}""", "invalid"), ("""{"type":"chat","text":" "}""", "invalid"), ("""{"type":"ping","time":1e999}""", "invalid"),
            })
        {
            await ann.SendAsync(message);
            (await ann.UntilAsync("error")).Text("code").ShouldBe(code, message);
        }
    }

    [Theory]
    [InlineData("""{"type":"play"}""", 1008, "invalid")]
    [InlineData("""{"type":"hello","version":2}""", 4004, "version")]
    [InlineData("no json", 1008, "invalid")]
    [InlineData("null", 1008, "invalid")]
    [InlineData("[]", 1008, "invalid")]
    [InlineData("""{"type":"hello","version":1,"restore":{"revision":"x"}}""", 1008, "invalid")]
    public async Task Who_does_not_speak_the_language_is_shown_out(string hello, int status, string reason)
    {
        await using var server = await StartAsync();
        using var visitor = await RoomVisitor.ConnectAsync(server, await RoomAsync(server));
        await visitor.SendAsync(hello);
        await visitor.RestAsync();
        ((int?)visitor.End.Status, visitor.End.Reason).ShouldBe((status, reason));
    }

    [Fact]
    public async Task Too_long_or_too_many_messages_end_the_connection()
    {
        await using var server = await StartAsync();
        var path = await RoomAsync(server);
        using var ann = await RoomVisitor.EnterAsync(server, path);
        await ann.SendAsync($$"""{"type":"chat","text":"{{new string('x', 5000)}}"}""");
        await ann.RestAsync();
        ann.End.Reason.ShouldBe("too-long");

        using var bob = await RoomVisitor.EnterAsync(server, path);
        await bob.SendAsync("binary", WebSocketMessageType.Binary);
        await bob.RestAsync();
        bob.End.Reason.ShouldBe("invalid");

        using var eve = await RoomVisitor.EnterAsync(server, path);
        var reading = eve.RestAsync();
        while (!reading.IsCompleted)
        {
            try
            {
                await eve.SendAsync("""{"type":"ping","time":1}""");
            }
            catch (WebSocketException)
            {
                break; // It has ended.
            }
        }

        await Should.NotThrowAsync(reading);
        eve.End.Reason.ShouldBe("too-many");
    }

    /// <summary>The path of the room of a new title of twelve seconds and a half, with its token.</summary>
    internal static async Task<string> RoomAsync(SluiceServer server)
    {
        var media = await server.PublishAsync();
        return $"/api/v1/rooms/asset/{media.Text("id")}?token={media.GetProperty("playback").Text("token")}";
    }

    /// <summary>A server whose time goes on, so many times faster than it does.</summary>
    internal static Task<SluiceServer> StartAsync(Action<SluiceOptions>? options = null, bool guarded = false, double speed = 1) => SluiceServer.StartAsync(
        options, builder => builder.Services.AddSingleton<TimeProvider>(speed == 1 ? TimeProvider.System : new FastClock(speed)), guarded);
}
