using System.Globalization;
using System.Net;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>A session that has ended has ended on all servers, whatever the catalog was told when; and there is none that nobody began.</summary>
public sealed class SharedSessionEndTests(PostgresServers servers) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private PostgresServer _postgres = null!;
    private string _database = null!;
    private RangeOrigin _origin = null!;
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await servers.SharedAsync();
        _database = await _postgres.NewDatabaseAsync();
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
    public async Task What_the_catalog_could_not_be_told_is_said_and_the_session_does_not_come_back()
    {
        var id = (await SessionServer.BeginAsync(_one, _origin.Url)).Text("id");
        await OnAsync("DELETE", "RAISE EXCEPTION 'not now'");

        using var ended = await _one.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{id}");

        (ended.StatusCode, (await ended.JsonAsync()).Text("code"), ended.Headers.RetryAfter?.ToString())
            .ShouldBe((HttpStatusCode.ServiceUnavailable, "catalog-unreachable", "2"));
        (await SessionServer.StatusAsync(_two, HttpMethod.Get, $"/api/v1/sessions/{id}")).ShouldBe(404, "its row is there, and nobody takes it up");
        _two.Of<SessionDesk>().All.ShouldBeEmpty();

        await _postgres.RunAsync(_database, "DROP TRIGGER of_delete ON sessions");
        (await Eventually.Holds(async () => (await RowsAsync()).Count == 0)).ShouldBeTrue();
        (await Eventually.Holds(async () => await _two.Of<Holds>().HolderAsync($"session {id}", _ct) is null)).ShouldBeTrue();
        (await SessionServer.StatusAsync(_two, HttpMethod.Get, $"/api/v1/sessions/{id}")).ShouldBe(404);
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_until_the_catalog_is_told()
    {
        var id = (await SessionServer.BeginAsync(_one, _origin.Url)).Text("id");
        await OnAsync("DELETE", "RAISE EXCEPTION 'not now'");
        (await SessionServer.StatusAsync(_one, HttpMethod.Delete, $"/api/v1/sessions/{id}")).ShouldBe(503);

        await _one.App.StopAsync(_ct).WaitAsync(TimeSpan.FromSeconds(10), _ct);

        (await _two.Of<Holds>().HolderAsync($"session {id}", _ct)).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_ends_while_it_is_said_that_it_began_leaves_nothing()
    {
        await OnAsync("INSERT", "PERFORM pg_sleep(1)");
        await OnAsync("DELETE", "PERFORM pg_sleep(1.5)"); // What is there only since that began it does not remove.
        var beginning = SessionServer.PostAsync(_one, _origin.Url);
        var desk = _one.Of<SessionDesk>();
        (await Eventually.Holds(() => desk.All is [{ Share.Hold: not null }])).ShouldBeTrue();

        (await desk.EndAsync(desk.All[0].Id)).ShouldBeTrue();

        (await RowsAsync()).ShouldBeEmpty();
        (await beginning).Dispose();
    }

    [Fact]
    public async Task Who_asks_after_all_who_waited_have_left_is_answered_anew()
    {
        var id = AssetId.Parse((await SessionServer.BeginAsync(_one, _origin.Url)).Text("id"), null);
        await _one.App.StopAsync(_ct);
        var (returns, desk) = (_two.Of<SessionReturns>(), _two.Of<SessionDesk>());

        await Should.ThrowAsync<OperationCanceledException>(() => returns.TakeAsync(id, new CancellationToken(canceled: true)));
        (await Eventually.Holds(() => desk.TryGet(id, out _))).ShouldBeTrue("it is taken all the same");
        (await desk.EndAsync(id)).ShouldBeTrue();

        (await returns.TakeAsync(id, _ct)).ShouldBe(Taking.Nothing);
    }

    [Theory]
    [InlineData("/api/v1/sessions/{0}")]
    [InlineData("/live/session-{0}/index.m3u8")]
    public async Task Who_asks_for_many_sessions_that_there_are_not_is_told_to_wait(string path)
    {
        const string Flood = "203.0.113.9";
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        List<int> statuses = [];
        for (var i = 0; i < 30; i++)
        {
            statuses.Add(await AskAsync(_two, Flood, string.Format(CultureInfo.InvariantCulture, path, AssetId.New())));
        }

        statuses[..5].ShouldAllBe(status => status == 404);
        statuses.ShouldContain(429);
        var session = $"/api/v1/sessions/{begun.Text("id")}";
        (await AskAsync(_one, Flood, session)).ShouldBe(200, "what is here is not looked up");
        for (var i = 0; i < 20; i++)
        {
            (await AskAsync(_two, "198.51.100.7", session)).ShouldBe(200, "others go on, and what there is does not count");
        }
    }

    private static async Task<int> AskAsync(SluiceServer server, string client, string path)
    {
        using var answer = await server.SendAsync(HttpMethod.Get, path, headers: [("X-Forwarded-For", client)]);
        return (int)answer.StatusCode;
    }

    private Task<SluiceServer> StartAsync() => ClusterNode.StartAsync(
        _postgres.UrlOf(_database),
        configure: static options =>
        {
            options.Ingest.Resolvers = false;
            options.Server.TrustedProxies = ["127.0.0.1"];
        },
        realPackager: true);

    private Task<IReadOnlyList<SessionRow>> RowsAsync() => _two.Of<ISessionCatalog>().ListSessionsAsync(_ct);

    /// <summary>Has the database do something first, whenever something is done to sessions.</summary>
    private Task OnAsync(string what, string first) => _postgres.RunAsync(
        _database,
        $"CREATE FUNCTION of_{what}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {first}; RETURN NULL; END $$; "
        + $"CREATE TRIGGER of_{what} BEFORE {what} ON sessions FOR EACH STATEMENT EXECUTE FUNCTION of_{what}()");
}
