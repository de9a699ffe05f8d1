using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>A session that was begun on one server is on the other, and outlives the one that has it.</summary>
public sealed class SharedSessionTests(PostgresServers servers) : IAsyncLifetime
{
    /// <summary>Within this a dead owner is replaced, and its viewers go on.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private string _database = null!;
    private RangeOrigin _origin = null!;
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        _database = shared.UrlOf(await shared.NewDatabaseAsync());
        _origin = await RangeOrigin.StartAsync();
        _origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        (_one, _two) = (await StartAsync(), await StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task It_is_asked_for_played_kept_alive_and_ended_on_either()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var id = begun.Text("id");

        using var asked = await _two.Http.GetAsync($"/api/v1/sessions/{id}", _ct);
        asked.StatusCode.ShouldBe(HttpStatusCode.OK);
        var joined = await asked.JsonAsync();
        var hls = joined.GetProperty("playback").Text("hls");
        new Uri(hls).Authority.ShouldBe(_two.Http.BaseAddress!.Authority, "its links name whom the client asked");
        (await SegmentAsync(_two, hls)).ShouldBe(await SegmentAsync(_one, begun.GetProperty("playback").Text("hls")));

        using var beat = await _two.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{id}/heartbeat", json: """{"viewer":"far"}""");
        (await beat.JsonAsync()).GetProperty("viewers").GetInt32().ShouldBe(1);
        (await ListAsync(_two)).ShouldBe(await ListAsync(_one));

        using var again = await SessionServer.PostAsync(_two, _origin.Url);
        (again.StatusCode, (await again.JsonAsync()).Text("id")).ShouldBe((HttpStatusCode.OK, id), "who names the source joins it, wherever");
        _two.Of<SessionDesk>().All.ShouldBeEmpty();

        (await SessionServer.StatusAsync(_two, HttpMethod.Delete, $"/api/v1/sessions/{id}")).ShouldBe(204);
        foreach (var server in (SluiceServer[])[_one, _two])
        {
            (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{id}")).ShouldBe(404);
            (await SessionServer.StatusAsync(server, HttpMethod.Get, hls)).ShouldBeOneOf(403, 404);
            await SessionServer.ShouldHaveNothingAsync(server);
        }

        (await _one.Of<ISessionCatalog>().ListSessionsAsync(_ct)).ShouldBeEmpty();
        (await _one.Of<IHoldCatalog>().HolderAsync($"session {id}", DateTimeOffset.UtcNow, _ct)).ShouldBeNull();
    }

    [Fact]
    public async Task When_its_node_dies_its_viewers_go_on_within_one_request()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var hls = OnTwo(begun.GetProperty("playback").Text("hls"));
        var before = await SegmentAsync(_two, hls);
        var id = begun.Text("id");

        await DieAsync(_one);

        var since = Stopwatch.StartNew();
        var after = await SegmentAsync(_two, hls);
        since.Elapsed.ShouldBeLessThan(Bound);
        after.ShouldBe(before, "the same links open the same bytes");
        using var joined = await _two.Http.GetAsync($"/api/v1/sessions/{id}", _ct);
        (await joined.JsonAsync()).GetProperty("playable").GetRawText().ShouldBe(begun.GetProperty("playable").GetRawText());
        (await _two.Of<Holds>().HolderAsync($"session {id}", _ct)).ShouldBe(_two.Of<Holds>().Self);
        (await SessionServer.StatusAsync(_two, HttpMethod.Delete, $"/api/v1/sessions/{id}")).ShouldBe(204);
        await SessionServer.ShouldHaveNothingAsync(_two);
    }

    [Fact]
    public async Task Who_takes_it_up_and_is_lost_before_it_plays_leaves_what_it_played()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var before = (await _one.Of<ISessionCatalog>().ListSessionsAsync(_ct)).ShouldHaveSingleItem();
        await DieAsync(_one);
        var (goesOn, session) = (new TaskCompletionSource(), default(Session));
        _origin.Gate = goesOn.Task;

        var look = SessionServer.StatusAsync(_two, HttpMethod.Get, OnTwo(begun.GetProperty("playback").Text("hls")));
        (await Eventually.Holds(() => (session = _two.Of<SessionDesk>().All is [{ } it] ? it : null) is not null)).ShouldBeTrue();
        session!.Opened.ShouldBeNull();
        await _two.Of<SharedSessions>().NoteAsync(session, session.Opened);
        var after = (await _two.Of<ISessionCatalog>().ListSessionsAsync(_ct)).ShouldHaveSingleItem();

        after.Owner.ShouldBe(_two.Of<Holds>().Self.Name);
        after.Plays.ShouldBe(before.Plays);
        var (was, @is) = (SessionGlance.Of(before).ShouldNotBeNull(), SessionGlance.Of(after).ShouldNotBeNull());
        (@is.Film, @is.Epoch, @is.IsChannel).ShouldBe((was.Film, was.Epoch, was.IsChannel));
        goesOn.SetResult();
        (await look).ShouldBe(200);
    }

    [Fact]
    public async Task A_node_that_stops_hands_its_sessions_over_at_once()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var hls = OnTwo(begun.GetProperty("playback").Text("hls"));
        var before = await SegmentAsync(_two, hls);

        await _one.App.StopAsync(_ct);

        (await _two.Of<Holds>().HolderAsync($"session {begun.Text("id")}", _ct)).ShouldBeNull("nobody waits for its lease to pass");
        var since = Stopwatch.StartNew();
        (await SegmentAsync(_two, hls)).ShouldBe(before);
        since.Elapsed.ShouldBeLessThan(Turns.Length);
    }

    [Fact]
    public async Task A_node_that_was_only_cut_off_leaves_it_to_the_other()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var id = begun.Text("id");
        var hls = OnTwo(begun.GetProperty("playback").Text("hls"));

        // As after a while without the catalog: its lease has passed, and another takes the session up.
        await _one.Of<IHoldCatalog>().LetGoAsync($"session {id}", _one.Of<Holds>().Self.Name, _ct);
        var bytes = await SegmentAsync(_two, hls);

        (await Eventually.Holds(() => _one.Of<SessionDesk>().All.Count == 0)).ShouldBeTrue();
        (await Eventually.Holds(() => _one.Of<SessionScratch>().TakenBytes == 0)).ShouldBeTrue();
        (await SegmentAsync(_two, hls)).ShouldBe(bytes);
        (await SegmentAsync(_one, begun.GetProperty("playback").Text("hls"))).ShouldBe(bytes, "and passes on what it is asked for");
        _two.Of<SessionDesk>().All.Select(session => session.Id.Value).ShouldBe([id]);
    }

    [Fact]
    public async Task What_nobody_asks_for_again_is_removed_with_its_node()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        await DieAsync(_one);
        var sessions = _two.Of<ISessionCatalog>();
        var row = (await sessions.ListSessionsAsync(_ct)).ShouldHaveSingleItem();
        await sessions.UpdateSessionAsync(row with { ExpiresAt = DateTimeOffset.UtcNow }, _ct);
        var sweeper = _two.App.Services.GetServices<IHostedService>().OfType<SessionSweeper>().Single();

        (await Eventually.Holds(async () =>
        {
            await sweeper.SweepAsync(_ct);
            return (await sessions.ListSessionsAsync(_ct)).Count == 0;
        })).ShouldBeTrue();

        (await _two.Of<ICatalog>().OwnedAsync(_ct)).ShouldBeEmpty();
        (await SessionServer.StatusAsync(_two, HttpMethod.Get, $"/api/v1/sessions/{begun.Text("id")}")).ShouldBe(404);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_told_of_and_an_unknown_session_is_unknown()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var gone = new Holder("gone", new Uri("http://127.0.0.1:9"));
        var id = begun.Text("id");
        await _one.Of<IHoldCatalog>().LetGoAsync($"session {id}", _one.Of<Holds>().Self.Name, _ct);
        (await _one.Of<IHoldCatalog>().HoldAsync($"session {id}", gone, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), _ct)).ShouldBeTrue();
        (await Eventually.Holds(() => _one.Of<SessionDesk>().All.Count == 0)).ShouldBeTrue();

        var since = Stopwatch.StartNew();
        using var answer = await _two.Http.GetAsync($"/api/v1/sessions/{id}", _ct);

        since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        (answer.StatusCode, (await answer.JsonAsync()).Text("code"), answer.Headers.RetryAfter?.ToString()).ShouldBe((HttpStatusCode.ServiceUnavailable, "node-unreachable", "2"));
        (await SessionServer.StatusAsync(_two, HttpMethod.Get, $"/api/v1/sessions/{AssetId.New()}")).ShouldBe(404);
    }

    [Fact]
    public async Task Without_other_nodes_nothing_is_said_of_it()
    {
        await using var alone = await SluiceServer.StartAsync(
            options => (options.Storage.Catalog, options.Storage.CatalogPassword, options.Outbound.Allow) = (_database, PostgresServer.Password, ["127.0.0.1/32"]),
            builder => builder.Services.AddSingleton(TimeProvider.System), realPackager: true);
        await SessionServer.BeginAsync(alone, _origin.Url);

        (await _one.Of<ISessionCatalog>().ListSessionsAsync(_ct)).ShouldBeEmpty();
        alone.App.Services.GetService<SharedSessions>().ShouldBeNull();
    }

    private Task<SluiceServer> StartAsync() => ClusterNode.StartAsync(_database, configure: Real, realPackager: true);

    private static void Real(SluiceOptions options) => options.Ingest.Resolvers = false;

    /// <summary>As by a pulled plug: nobody answers, nothing is renewed, and nothing is given back.</summary>
    private async Task DieAsync(SluiceServer server)
    {
        var rows = await server.Of<ISessionCatalog>().ListSessionsAsync(_ct);
        var titles = (await server.Of<ICatalog>().OwnedAsync(_ct)).Count;
        var self = server.Of<Holds>().Self;
        await server.App.StopAsync(_ct);
        foreach (var row in rows)
        {
            (await _two.Of<IHoldCatalog>().HoldAsync($"session {row.Id}", self, DateTimeOffset.UtcNow, Turns.Length, _ct)).ShouldBeTrue();
        }

        (await _two.Of<ISessionCatalog>().ListSessionsAsync(_ct)).Count.ShouldBe(rows.Count);
        (await _two.Of<ICatalog>().OwnedAsync(_ct)).Count.ShouldBe(titles, "the rows of its titles stay");
    }

    private string OnTwo(string url) => new Uri(_two.Http.BaseAddress!, new Uri(url).PathAndQuery).AbsoluteUri;

    private async Task<string[]> ListAsync(SluiceServer server)
    {
        using var answer = await server.Http.GetAsync("/api/v1/sessions", _ct);
        return [.. (await answer.JsonAsync()).GetProperty("items").EnumerateArray().Select(item => $"{item.Text("id")} {item.Text("title")} {item.Text("state")}")];
    }

    /// <summary>The third segment of the picture, by the playlist that was given out.</summary>
    private static async Task<byte[]> SegmentAsync(SluiceServer server, string hls)
    {
        var player = new Player(server, hls);
        var (version, track) = (await player.TracksAsync()).First(t => t.Track == "v0");
        return await player.BytesAsync($"{version}/{track}/3.m4s");
    }
}
