using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Two servers over one database and one bucket, and what uploads by tus need of them.</summary>
public abstract class SharedUploads(Swift swift, PostgresServers servers) : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private string _database = null!;
    private SluiceServer[] _running = [];

    private protected byte[] File { get; } = TusCalls.File(300_000);

    private protected S3Options S3 { get; private set; } = null!;

    private protected SluiceServer One { get; private set; } = null!;

    private protected SluiceServer Two { get; private set; } = null!;

    private protected TusCalls A { get; private set; } = null!;

    private protected TusCalls B { get; private set; } = null!;

    private protected IHoldCatalog Holds => (IHoldCatalog)One.Of<ICatalog>();

    public async ValueTask InitializeAsync()
    {
        _server = await servers.SharedAsync();
        (_database, S3) = (await _server.NewDatabaseAsync(), swift.Options());
        _running = [One = await StartAsync(), Two = await StartAsync()];
        (A, B) = (new TusCalls(One.Http), new TusCalls(Two.Http));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in _running)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Stops both.</summary>
    private protected async Task StopAsync()
    {
        await DisposeAsync();
        _running = [];
    }

    private protected Task RunAsync(string sql) => _server.RunAsync(_database, sql);

    private protected static async Task<RawTus> BeginAsync(SluiceServer server, string path, int offset, int length)
    {
        var request = new RawTus(server);
        await request.BeginAsync("PATCH", path, $"Upload-Offset: {offset}", $"Content-Type: {TusCalls.BodyType}", $"Content-Length: {length}");
        return request;
    }

    private protected Task<SluiceServer> StartAsync(string? data = null, Uri? bucket = null) => ClusterNode.StartAsync(
        _server.UrlOf(_database),
        configure: options =>
        {
            S3Title.Use(options, S3);
            options.Storage.S3.Endpoint = bucket?.AbsoluteUri ?? S3.Endpoint;
            options.Retention.SweepSeconds = 1;
        },
        data: data);

    private protected async Task AppendAsync(TusCalls calls, string path, int from, int to)
    {
        using var answer = await calls.PatchAsync(path, from, File[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        answer.Header("Upload-Offset").ShouldBe(to.ToString(null, null));
    }

    /// <summary>The title has the upload's id and its bytes, at both servers.</summary>
    private protected async Task ShouldBeTitleAsync(string path)
    {
        foreach (var server in (SluiceServer[])[One, Two])
        {
            (await SourceAsync(server, path)).ShouldBe(Hash(File));
            using var head = await new TusCalls(server.Http).HeadAsync(path);
            head.Header("Sluice-Media-Id").ShouldBe(TusCalls.IdOf(path));
        }
    }

    private protected static async Task<string> SourceAsync(SluiceServer server, string path)
    {
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await server.Of<ICatalog>().FindAsync(id, default)).ShouldNotBeNull().State.ShouldBe(AssetState.Ready);
        await using var source = (await server.Of<IObjectStore>().FileOfAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();
        return Hash(await System.IO.File.ReadAllBytesAsync(source.Path));
    }

    /// <summary>Nothing of an upload is left in the bucket, or on a shelf.</summary>
    private protected async Task ShouldBeGoneAsync(string path)
    {
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await Eventually.Holds(async () => !(await PiecesAsync()).Exists(name => name.Contains(id.Value, StringComparison.Ordinal)))).ShouldBeTrue();
        (await Eventually.Holds(() => !One.Of<UploadShelf>().Has(id) && !Two.Of<UploadShelf>().Has(id))).ShouldBeTrue();
    }

    private protected Task<FaultyS3> FaultyAsync() => FaultyS3.StartAsync(swift.Url);

    private protected Task<List<string>> PiecesAsync() => swift.NamesAsync(S3.Prefix + "uploads/");

    /// <summary>All that is in the bucket.</summary>
    private protected Task<List<string>> NamesAsync() => swift.NamesAsync(S3.Prefix);

    private protected static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
