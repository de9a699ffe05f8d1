using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Servers that start beside others, over one database: what those are at work on is not cleared up.</summary>
public sealed class PostgresStartTests(PostgresServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly PostgresHome _home = new(servers);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public ValueTask InitializeAsync() => _home.PrepareAsync();

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task One_that_starts_alone_is_waited_for_and_the_next_knows_that_it_is_not()
    {
        await using var one = Open();
        await using var two = Open();
        var first = await one.EnterAsync(default);
        first.IsAlone.ShouldBeTrue();
        var entering = two.EnterAsync(default);
        await Task.Delay(Moment);
        entering.IsCompleted.ShouldBeFalse();

        await first.DisposeAsync();
        await using (var second = await entering.WaitAsync(Eventually.Patience))
        {
            second.IsAlone.ShouldBeFalse();
        }

        await one.DisposeAsync();
        (await IsAloneAsync()).ShouldBeFalse("the second lives");
        await two.DisposeAsync();
        (await Eventually.Holds(IsAloneAsync)).ShouldBeTrue();
    }

    [Fact]
    public async Task One_whose_connections_were_cut_is_there_again_as_soon_as_it_listens()
    {
        await using var one = Open();
        await one.MigrateAsync(default);
        await (await one.EnterAsync(default)).DisposeAsync();
        using var listener = new PostgresListener(one, new AssetDirectory(one), TimeProvider.System, NullLogger<PostgresListener>.Instance);
        await listener.StartAsync(default);

        await _home.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sluice-%'");
        (await Eventually.Holds(async () => !await IsAloneAsync())).ShouldBeTrue();
        await listener.StopAsync(default);
    }

    [Fact]
    public async Task A_start_beside_another_server_leaves_its_sessions_and_uploads_alone_and_one_that_is_alone_clears_up()
    {
        var session = CatalogContract.Sample(Now) with { Owner = "session" };
        var (arriving, forgotten) = (CatalogContract.Sample(Now) with { State = AssetState.Arriving }, CatalogContract.Sample(Now) with { State = AssetState.Arriving });
        var upload = new Upload
        {
            Id = arriving.Id,
            LengthBytes = 10,
            OffsetBytes = 5,
            CreatedAt = Now,
            UpdatedAt = Now,
            ExpiresAt = Now.AddDays(1),
        };
        await using (var server = await StartAsync())
        {
            var catalog = server.App.Services.GetRequiredService<ICatalog>();
            await catalog.AddAsync(session, default);
            await catalog.AddAsync(arriving, default);
            await catalog.AddAsync(forgotten, default);
            await catalog.AddUploadAsync(upload, default);

            await using var beside = await StartAsync();
            (await catalog.FindAsync(session.Id, default)).ShouldNotBeNull();
            (await catalog.FindAsync(arriving.Id, default)).ShouldNotBeNull();
            (await catalog.FindAsync(forgotten.Id, default)).ShouldNotBeNull();
            (await catalog.FindUploadAsync(upload.Id, default))!.OffsetBytes.ShouldBe(5);
        }

        await using var alone = await StartAsync();
        var there = alone.App.Services.GetRequiredService<ICatalog>();
        (await there.FindAsync(session.Id, default)).ShouldBeNull();
        (await there.FindAsync(forgotten.Id, default)).ShouldBeNull();
        (await there.FindUploadAsync(upload.Id, default))!.OffsetBytes.ShouldBe(0, "its bytes are not here");
    }

    private PostgresCatalog Open() => (PostgresCatalog)_home.Open();

    /// <summary>Whether one that started now would be.</summary>
    private async Task<bool> IsAloneAsync()
    {
        await using var catalog = Open();
        await using var entry = await catalog.EnterAsync(default);
        return entry.IsAlone;
    }

    private Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(
        o => (o.Storage.Catalog, o.Storage.CatalogPassword) = (_home.Url, PostgresServer.Password));
}
