using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>A viewer of a title of which a server holds what another one has replaced.</summary>
[Collection(nameof(Swift))]
public sealed class SharedDeliveryTests(Swift swift, PostgresServers servers) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private S3Options _s3 = null!;
    private SluiceServer _server = null!;
    private S3Title _title = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        _s3 = swift.Options();
        _server = await ClusterNode.StartAsync(
            shared.UrlOf(await shared.NewDatabaseAsync()),
            configure: options =>
            {
                S3Title.Use(options, _s3);
                options.Storage.S3.CacheBytes = 0; // What is asked for is read.
            },
            realPackager: true);
        var film = Path.Combine(_folder.FullName, "film.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=320x180:r=25 -t 30 -c:v libx264 -b:v 2M -g 50 -pix_fmt yuv420p -movflags +faststart", film);
        _title = await S3Title.PublishAsync(_server, film);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Gets_what_is_there_now()
    {
        var segments = await _title.SegmentsAsync("v0");
        var before = Hash(await _server.Http.GetByteArrayAsync(segments[1]));

        // The same film, in a file that is another: a box at its end that nobody needs.
        await ReplaceAsync(source => source.Write([0, 0, 0, 16, .. "free"u8, 0, 0, 0, 0, 0, 0, 0, 0]));

        Hash(await _server.Http.GetByteArrayAsync(segments[1])).ShouldBe(before);
        using var next = await _server.Http.GetAsync(segments[^1]);
        next.StatusCode.ShouldBe(HttpStatusCode.OK, await next.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_told_when_there_is_nothing_any_more()
    {
        var segments = await _title.SegmentsAsync("v0");
        (await _server.Http.GetAsync(segments[1])).StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var bucket = S3Setup.BucketOf(_s3, Swift.Connector, TimeProvider.System))
        {
            await bucket.RemoveAsync((await swift.NamesAsync(_s3.Prefix)).Single(IsSource), default);
        }

        using var answer = await _server.Http.GetAsync(segments[1]);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway, await answer.Content.ReadAsStringAsync());
    }

    private static bool IsSource(string name) => name.EndsWith("/source", StringComparison.Ordinal);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>As another server does it, of which this one is not told.</summary>
    private async Task ReplaceAsync(Action<FileStream> change)
    {
        using var other = Swift.Store(_s3, _folder.CreateSubdirectory("other").FullName);
        var key = ObjectKey.Source(AssetId.Parse(_title.Id, null));
        var path = Path.Combine(_folder.FullName, "replaced");
        File.Copy(Path.Combine(_folder.FullName, "film.mp4"), path);
        await using (var file = new FileStream(path, FileMode.Append))
        {
            change(file);
        }

        await other.PutAsync(key, path, default);
    }
}
