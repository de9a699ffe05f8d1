using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>What sessions store in a bucket that several servers share.</summary>
[Collection(nameof(Swift))]
public sealed class SharedSessionStoreTests(Swift swift, PostgresServers servers) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly S3Options _s3 = swift.Options();
    private PostgresServer _server = null!;
    private string _database = "";
    private PostgresProxy _proxy = null!;
    private RangeOrigin _origin = null!;
    private SluiceServer _one = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.SharedAsync();
        _database = await _server.NewDatabaseAsync();
        _proxy = new PostgresProxy(_server.Port);
        _origin = await RangeOrigin.StartAsync();
        _origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        var catalog = new PostgresCatalog(_server.AddressOf(_database, _proxy.Port), TimeProvider.System, TimeSpan.FromMilliseconds(300));
        _one = await StartAsync(services => services.AddSingleton(catalog));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _proxy.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_another_servers_by_now_or_may_be_stays_when_a_server_that_was_cut_off_stops(bool isReachable)
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var stored = await TitleAsync();
        stored.ShouldNotBeEmpty();

        // Cut off, it is not told that it has lost the session.
        await _one.Of<ISessionCatalog>().OwnSessionAsync(AssetId.Parse(begun.Text("id"), null), "another", _ct);
        _proxy.IsOpen = isReachable;
        await _one.App.StopAsync(_ct);

        (await TitleAsync()).ShouldBe(stored);
    }

    [Fact]
    public async Task What_ends_while_the_catalog_goes_stays_for_whoever_has_it_then()
    {
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var stored = await TitleAsync();
        _proxy.Swallow("DELETE FROM assets", passes: false, forGood: true);

        (await SessionServer.StatusAsync(_one, HttpMethod.Delete, $"/api/v1/sessions/{begun.Text("id")}")).ShouldBe(503, "other servers could not be told");
        (await Eventually.Holds(() => _proxy.Swallowed == 1)).ShouldBeTrue();
        await _one.App.StopAsync(_ct);

        (await TitleAsync()).ShouldBe(stored);
    }

    [Fact]
    public async Task What_a_server_hands_over_it_clears_up()
    {
        await SessionServer.BeginAsync(_one, _origin.Url);
        (await TitleAsync()).ShouldNotBeEmpty();
        await _one.App.StopAsync(_ct);
        (await TitleAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_goes_on_elsewhere_when_the_server_that_had_it_has_cleared_up()
    {
        await using var two = await StartAsync();
        var begun = await SessionServer.BeginAsync(_one, _origin.Url);
        var title = (await _one.Of<ICatalog>().OwnedAsync(_ct)).ShouldHaveSingleItem();
        await _one.App.StopAsync(_ct);

        // It starts again, and is at it.
        var length = TimeSpan.FromSeconds(3);
        var since = Stopwatch.StartNew();
        (await two.Of<IHoldCatalog>().HoldAsync($"title {title}", new Holder("one"), DateTimeOffset.UtcNow, length, _ct)).ShouldBeTrue();
        var player = new Player(two, new Uri(two.Http.BaseAddress!, new Uri(begun.GetProperty("playback").Text("hls")).PathAndQuery).AbsoluteUri);
        (await player.TracksAsync()).ShouldNotBeEmpty();

        since.Elapsed.ShouldBeGreaterThan(length * 0.9);
        (await TitleAsync()).ShouldContain(name => name.Contains(title.Value, StringComparison.Ordinal));
    }

    private Task<List<string>> TitleAsync() => swift.NamesAsync(_s3.Prefix + "media/");

    private Task<SluiceServer> StartAsync(Action<IServiceCollection>? services = null) => ClusterNode.StartAsync(
        _server.UrlOf(_database),
        configure: options =>
        {
            S3Title.Use(options, _s3);
            options.Ingest.Resolvers = false;
        },
        realPackager: true,
        services: services);
}
