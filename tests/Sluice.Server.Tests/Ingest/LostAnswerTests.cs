using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Nodes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>The database goes while a title is published, and nobody can tell whether it has the row.</summary>
public sealed class LostAnswerTests(PostgresServers servers) : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private PostgresServer _database = null!;
    private PostgresProxy _proxy = null!;
    private string _name = "";

    public async ValueTask InitializeAsync()
    {
        _database = await servers.SharedAsync();
        _name = await _database.NewDatabaseAsync();
        _proxy = new PostgresProxy(_database.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _database.DropAsync(_name);
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_files_stay_until_a_start_knows(bool hasRow)
    {
        await using (var first = await StartAsync())
        {
            LoseAt(first, hasRow);
            (await first.UploadAsync(SluiceServer.Playable)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            _proxy.Swallowed.ShouldBe(1);
            first.StoredFiles().ShouldContain(file => file.EndsWith("/source", StringComparison.Ordinal));
            _proxy.IsOpen = true;
            (await first.Of<ICatalog>().ListAsync(null, 10, default)).Count.ShouldBe(hasRow ? 1 : 0);
        }

        await using var second = await StartAsync();
        var titles = await second.Of<ICatalog>().ListAsync(null, 10, default);
        second.StoredFiles().ShouldBe(titles.SelectMany(title => (string[])[$"media/{title.Id}", $"media/{title.Id}/source"]));
        titles.Count.ShouldBe(hasRow ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_in_pieces_is_finished_once_more(bool hasRow)
    {
        await using var server = await StartAsync();
        var file = TusCalls.File(1000);
        var calls = new TusCalls(server.Http);
        var path = await calls.NewAsync(file.Length);
        LoseAt(server, hasRow);
        using (var answer = await calls.PatchAsync(path, 0, file))
        {
            answer.IsSuccessStatusCode.ShouldBeFalse();
        }

        _proxy.Swallowed.ShouldBe(1);
        _proxy.IsOpen = true;
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await server.Of<UploadDesk>().FinishIfWholeAsync(id);

        (await server.Of<ICatalog>().FindUploadAsync(id, default))!.Asset.ShouldBe(id);
        (await server.Of<ICatalog>().FindAsync(id, default))!.State.ShouldBe(AssetState.Ready);
        (await File.ReadAllBytesAsync(Path.Combine(_data, "media", id.Value, "source"))).ShouldBe(file);
    }

    private void LoseAt(SluiceServer server, bool hasRow)
    {
        var store = (NotedStore)server.Of<IObjectStore>();
        store.Committed = () =>
        {
            store.Committed = () => { };
            _proxy.Swallow("COMMIT", passes: hasRow, forGood: true, after: "INSERT INTO assets");
        };
    }

    private Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(
        o => (o.Storage.Catalog, o.Storage.CatalogPassword) = (_database.UrlOf(_name), PostgresServer.Password),
        b => b.Services.AddSingleton(TimeProvider.System)
            .AddSingleton(new PostgresCatalog(_database.AddressOf(_name, _proxy.Port), TimeProvider.System, TimeSpan.FromMilliseconds(300)))
            .AddSingleton<IObjectStore>(provider =>
            {
                var storage = provider.GetRequiredService<SluiceOptions>().Storage;
                return new NotedStore(new LocalObjectStore(storage.Data, storage.ReserveBytes));
            }),
        data: _data);
}
