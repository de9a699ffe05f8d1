using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Rooms;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Rooms;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>People who watch the same thing meet, whichever server each of them came to.</summary>
public sealed class SharedRoomTests(PostgresServers servers) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        (_one, _two) = (await StartAsync(database), await StartAsync(database));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Two_people_on_two_servers_are_in_one_room()
    {
        var path = await TitleAsync();
        using var ann = await RoomVisitor.EnterAsync(_one, path, "Ann");
        using var bob = await RoomVisitor.EnterAsync(_two, path, "Bob");
        var people = await ann.UntilAsync("people", p => p.GetProperty("members").GetArrayLength() == 2);
        people.GetProperty("members").EnumerateArray().Select(m => m.Text("name")).ShouldBe(["Ann", "Bob"]);

        await bob.SendAsync("""{"type":"seek","position":4.5}""");
        (await ann.UntilAsync("state", s => s.GetProperty("position").GetDouble() >= 4.5)).GetProperty("revision").GetInt64().ShouldBePositive();
        await ann.SendAsync("""{"type":"chat","text":"hello"}""");
        (await bob.UntilAsync("chat")).Text("text").ShouldBe("hello");
        (_one.Of<RoomDirectory>().Count, _two.Of<RoomDirectory>().Count).ShouldBe((1, 0));

        using var stranger = await _two.Http.GetAsync(path.Split('?')[0], _ct);
        ((int)stranger.StatusCode).ShouldBe(403);
        await bob.CloseAsync();
        await ann.UntilAsync("people", p => p.GetProperty("members").EnumerateArray().Any(m => m.Text("name") == "Bob" && m.GetProperty("away").GetBoolean()));
    }

    [Fact]
    public async Task A_room_whose_server_is_gone_goes_on_where_its_people_come_again()
    {
        var path = await TitleAsync();
        using var ann = await RoomVisitor.EnterAsync(_one, path, "Ann");
        using var bob = await RoomVisitor.EnterAsync(_two, path, "Bob");
        var key = RoomKeyOf(path);
        var catalog = _two.Of<IHoldCatalog>();

        // As when it did not reach the catalog for a while: what it has is another's.
        await catalog.LetGoAsync(key, _one.Of<Holds>().Self.Name, _ct);
        (await catalog.HoldAsync(key, _two.Of<Holds>().Self, DateTimeOffset.UtcNow, Turns.Length, _ct)).ShouldBeTrue();
        await EndOfAsync(ann);
        await EndOfAsync(bob);

        using var again = await RoomVisitor.EnterAsync(
            _two, path, "Bob", ""","restore":{"revision":7,"paused":true,"position":3.25,"rate":1,"hostOnly":false,"wasHost":false}""");
        again.Welcome.GetProperty("state").GetProperty("position").GetDouble().ShouldBe(3.25, 0.01);
        using var there = await RoomVisitor.EnterAsync(_one, path, "Ann");
        there.Welcome.GetProperty("people").GetProperty("members").GetArrayLength().ShouldBe(2);
        (_one.Of<RoomDirectory>().Count, _two.Of<RoomDirectory>().Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_server_that_died_is_replaced_within_ten_seconds()
    {
        var path = await TitleAsync();
        var dead = new Holder("dead", new Uri("http://127.0.0.1:9"));
        (await _one.Of<IHoldCatalog>().HoldAsync(RoomKeyOf(path), dead, DateTimeOffset.UtcNow, Turns.Length, _ct)).ShouldBeTrue();

        var since = Stopwatch.StartNew();
        using var ann = await RoomVisitor.EnterAsync(_one, path, "Ann");

        since.Elapsed.ShouldBeInRange(Turns.Length / 2, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_server_that_stops_gives_its_rooms_away_at_once()
    {
        var path = await TitleAsync();
        using var ann = await RoomVisitor.EnterAsync(_one, path, "Ann");
        using var bob = await RoomVisitor.EnterAsync(_two, path, "Bob");

        await _one.App.StopAsync(_ct);

        var since = Stopwatch.StartNew();
        using var again = await RoomVisitor.EnterAsync(_two, path, "Bob");
        since.Elapsed.ShouldBeLessThan(Turns.Length / 2);
    }

    [Fact]
    public async Task The_room_of_a_session_is_where_the_session_is_and_so_is_who_has_its_links()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        var session = await SessionServer.BeginAsync(_one, origin.Url);
        using var ann = await RoomVisitor.EnterAsync(_one, session.Text("room"), "Ann");
        using var bob = await RoomVisitor.EnterAsync(_two, session.Text("room"), "Bob");
        await ann.UntilAsync("people", p => p.GetProperty("members").GetArrayLength() == 2);

        // The room of the title itself, with links that the session gave out, first on the server that has no session.
        var title = $"/api/v1/rooms/asset/{session.GetProperty("playable").Text("id")}?token={session.GetProperty("playback").Text("token")}";
        using var cid = await RoomVisitor.EnterAsync(_two, title, "Cid");
        using var dan = await RoomVisitor.EnterAsync(_one, title, "Dan");
        await cid.UntilAsync("people", p => p.GetProperty("members").GetArrayLength() == 2);

        // The session is the other server's all of a sudden.
        var (catalog, name) = (_two.Of<IHoldCatalog>(), $"session {session.Text("id")}");
        await catalog.LetGoAsync(name, _one.Of<Holds>().Self.Name, _ct);
        (await catalog.HoldAsync(name, _two.Of<Holds>().Self, DateTimeOffset.UtcNow, Turns.Length, _ct)).ShouldBeTrue();
        await EndOfAsync(ann);
        await EndOfAsync(bob);
        using var again = await RoomVisitor.EnterAsync(_one, session.Text("room"), "Ann");
    }

    private static Task<SluiceServer> StartAsync(string database) =>
        ClusterNode.StartAsync(database, configure: static options => options.Ingest.Resolvers = false, realPackager: true);

    private static string RoomKeyOf(string path) => $"room asset:{path.Split('/')[^1].Split('?')[0]}";

    /// <summary>It ends, in whichever way.</summary>
    private static async Task EndOfAsync(RoomVisitor visitor)
    {
        try
        {
            await visitor.RestAsync();
        }
        catch (WebSocketException)
        {
            return; // Broken off.
        }

        visitor.End.Status.ShouldNotBe((WebSocketCloseStatus)4002, "the link is as good as it was");
    }

    /// <summary>A title of the library, of which both servers have the room's address only.</summary>
    private async Task<string> TitleAsync()
    {
        var id = AssetId.New();
        var asset = new Asset
        {
            Id = id,
            Title = "Film",
            FileName = "film.mp4",
            State = AssetState.Ready,
            SizeBytes = 1,
            DurationSeconds = 100,
            Version = "abcd",
            CreatedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
            AdminKeyHash = new byte[32],
        };
        await _one.Assets.AddAsync(asset, _ct);
        return $"/api/v1/rooms/asset/{id}?token={_one.Of<Sluice.Server.Access.PlaybackTokens>().Issue(asset).Token}";
    }
}
