using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>Downloads of two servers over one database: one does each.</summary>
public sealed class SharedImportTests(PostgresServers servers) : IAsyncLifetime
{
    private Origin _origin = null!;
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        _origin = await Origin.StartAsync();
        _origin.HoldsAfter = 200_000;
        (_one, _two) = (await StartAsync(database), await StartAsync(database));
    }

    public async ValueTask DisposeAsync()
    {
        _origin.LetGo.TrySetResult();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task One_has_it_and_when_that_stops_the_other_does_it()
    {
        var import = await ImportServer.AskAsync(_one, _origin.Url);
        (await Eventually.Holds(() => _origin.Asked.Count == 1)).ShouldBeTrue();
        Look(_two);
        (await Eventually.Holds(() => !IsTaken(_two, import.Text("id")))).ShouldBeTrue();
        _origin.Asked.Count.ShouldBe(1, "the other one left it alone");

        _origin.HoldsAfter = null;
        await _one.App.StopAsync();
        Look(_two);

        (await ImportServer.EndOfAsync(_two, import)).Text("state").ShouldBe("done");
        _origin.Asked.Count.ShouldBe(2);
        (await File.ReadAllBytesAsync(Path.Combine(_two.Data, "media", import.Text("id"), "source"))).ShouldBe(_origin.Content);
    }

    [Fact]
    public async Task It_is_called_off_from_the_other_one()
    {
        var import = await ImportServer.AskAsync(_one, _origin.Url);
        (await Eventually.Holds(() => _origin.Asked.Count == 1)).ShouldBeTrue();

        using var answer = await _two.Http.DeleteAsync($"/api/v1/imports/{import.Text("id")}");

        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        (await Eventually.Holds(() => !IsTaken(_one, import.Text("id")))).ShouldBeTrue("who has it stops");
        (await ImportServer.EndOfAsync(_one, import)).Text("state").ShouldBe("cancelled");
    }

    private static bool IsTaken(SluiceServer server, string import) =>
        server.App.Services.GetRequiredService<ImportTurns>().IsTaken(AssetId.Parse(import, null));

    private static void Look(SluiceServer server) => server.App.Services.GetRequiredService<ImportTurns>().Ring(ImportKind.Url);

    private static Task<SluiceServer> StartAsync(string database) => ImportServer.StartAsync(
        options => (options.Storage.Catalog, options.Storage.CatalogPassword) = (database, PostgresServer.Password),
        builder => builder.Services.AddSingleton(TimeProvider.System));
}
