using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;
using Sluice.Server.Store.S3;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>
/// A real S3 server on loopback: OpenStack Swift with s3api, which verifies signatures and sums. All of its servers live in one process, with one copy of everything, in
/// a temporary folder. The tests that share it are those of its collection.
/// </summary>
public sealed class Swift : IAsyncLifetime
{
    internal const string Bucket = "videos";
    private const string Secret = "a secret of tests";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-swift-");
    private ChildProcess? _child;

    /// <summary>Where it is.</summary>
    internal Uri Url { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await RequireAsync();
        _child = await StartAsync(SwiftScript.Text, _folder.FullName, Secret);
        var said = new byte[9];
        (await _child.Output.ReadAtLeastAsync(said, said.Length, throwOnEndOfStream: false)).ShouldBe(said.Length, _child.ErrorTail);
        Url = new Uri($"http://127.0.0.1:{int.Parse(said.AsSpan(3, 5), CultureInfo.InvariantCulture)}");
        using var client = S3Client.Create(Options(), Options().Bucket!, Connector);
        await client.PutBucketAsync(Bucket, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await (_child?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    /// <summary>As an operator would configure it, with a place of its own in the bucket.</summary>
    /// <param name="endpoint">What stands before it; null for nothing.</param>
    internal S3Options Options(Uri? endpoint = null) => new()
    {
        Endpoint = (endpoint ?? Url).GetLeftPart(UriPartial.Authority),
        Bucket = Bucket,
        Prefix = $"{Guid.NewGuid():n}/",
        AccessKey = "test:tester",
        SecretKey = Secret.Replace(" ", "", StringComparison.Ordinal),
        PartBytes = 5 << 20,
        CacheBytes = 64 << 20,
    };

    /// <summary>A connector that opens nothing but what is public: the store must open its own server.</summary>
    internal static CheckedConnector Connector => new(new SluiceOptions(), NameResolution.System, TimeProvider.System);

    /// <summary>Names of all that is in the bucket below a prefix.</summary>
    internal async Task<List<string>> NamesAsync(string prefix)
    {
        using var bucket = S3Setup.BucketOf(Options(), Connector, TimeProvider.System);
        var names = new List<string>();
        await foreach (var one in bucket.ListAsync(prefix, null, default))
        {
            names.Add(one.Name);
        }

        return names;
    }

    /// <summary>A store over it.</summary>
    internal static S3ObjectStore Store(S3Options options, string data) => S3Setup.Open(
        new StorageOptions { Data = data, ReserveBytes = 0, S3 = options }, Connector, TimeProvider.System, NullLogger<S3ObjectStore>.Instance);

    private static async Task RequireAsync()
    {
        await using var trial = await StartAsync("import swift.proxy.server, swift.common.middleware.s3api.s3api");
        if (!(await trial.Completion).IsSuccess)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs python3-swift.");
            Assert.Fail("python3-swift is missing.");
        }
    }

    private static Task<ChildProcess> StartAsync(string script, params string[] arguments) => ChildProcess.StartAsync(
        new ChildCommand
        {
            Program = SwiftScript.Python,
            Arguments = ["-I", "-c", script, .. arguments],
            WorkingFolder = Path.GetTempPath(),
            ReadsOutput = true,
            WritesInput = true,
        },
        default);
}

/// <summary>Tests against <see cref="Swift"/>.</summary>
[CollectionDefinition(nameof(Swift))]
public sealed class SwiftTests : ICollectionFixture<Swift>;
