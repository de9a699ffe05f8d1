using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>Who may send a request for bytes, and for how long he waits and goes on.</summary>
[Collection(nameof(Swift))]
public sealed class S3TurnTests(Swift swift) : IAsyncLifetime
{
    private const int Bytes = 16 * BlockFetcher.BlockBytes;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly FakeClock _pauses = new();
    private readonly byte[] _content = new byte[Bytes];
    private readonly AssetId _asset = AssetId.New();
    private FaultyS3 _faulty = null!;
    private S3Bucket _bucket = null!;
    private S3ObjectStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        new Random(12).NextBytes(_content);
        _faulty = await FaultyS3.StartAsync(swift.Url);
        var options = swift.Options(_faulty.Url);
        _bucket = new S3Bucket(S3Client.Create(options, options.Bucket!, Swift.Connector), options.Bucket!, TimeProvider.System);
        var stages = new StageFolders(_folder.FullName, 0);
        var objects = new S3Objects(_bucket, new BlockCache(stages.NewPath("cache"), BlockFetcher.BlockBytes, 256), _pauses);
        _store = new S3ObjectStore(
            _bucket, new S3Layout(options.Prefix), stages, objects, options.PartBytes, TimeProvider.System, NullLogger<S3ObjectStore>.Instance);
        await using var stage = _store.Stage(_asset);
        await File.WriteAllBytesAsync(stage.PathOf(ObjectKey.Gathered(_asset, "a0").Name), _content);
        await stage.CommitAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _faulty.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_waits_long_for_a_turn_is_told_to_come_back()
    {
        var most = _bucket.Reads.CurrentCount;
        for (var taken = 0; taken < most; taken++)
        {
            await _bucket.Reads.WaitAsync();
        }

        var reading = ReadAsync();
        await PassAsync(TimeSpan.FromSeconds(5));
        var busy = await Should.ThrowAsync<SourceUnavailableException>(() => reading);
        (busy.IsPending, busy.Message).ShouldBe((true, "Too much is being fetched from the other server just now."));

        _bucket.Reads.Release(most);
        (await ReadAsync()).ShouldBe(_content, "it goes better another time");
        _bucket.Reads.CurrentCount.ShouldBe(most);
    }

    [Fact]
    public async Task Who_pauses_between_two_tries_has_no_turn()
    {
        var most = _bucket.Reads.CurrentCount;
        var left = 1;
        _faulty.FaultOf = _ => Interlocked.Decrement(ref left) >= 0 ? Fault.Cut : Fault.None;

        var reading = ReadAsync();
        (await Eventually.Holds(() => _pauses.IsAwaitedIn(TimeSpan.FromMilliseconds(500)))).ShouldBeTrue();
        _bucket.Reads.CurrentCount.ShouldBe(most);
        _pauses.Advance(TimeSpan.FromMilliseconds(500));

        (await reading).ShouldBe(_content);
    }

    [Fact]
    public async Task What_breaks_off_again_and_again_goes_on_as_long_as_something_comes()
    {
        var left = 4; // After 8, 12, 14 and 15 blocks.
        _faulty.FaultOf = _ => Interlocked.Decrement(ref left) >= 0 ? Fault.Cut : Fault.None;

        var reading = ReadAsync();
        for (var pauses = 0; pauses < 4; pauses++)
        {
            await PassAsync(TimeSpan.FromMilliseconds(500));
        }

        (await reading).ShouldBe(_content);
        _faulty.Asked.Count(asked => asked.StartsWith("GET", StringComparison.Ordinal) && asked.Contains("bytes=", StringComparison.Ordinal)).ShouldBe(5);
    }

    private async Task PassAsync(TimeSpan pause)
    {
        (await Eventually.Holds(() => _pauses.IsAwaitedIn(pause))).ShouldBeTrue($"nobody waits for {pause}");
        _pauses.Advance(pause);
    }

    private async Task<byte[]> ReadAsync()
    {
        using var reader = (await _store.OpenAsync(ObjectKey.Gathered(_asset, "a0"), default)).ShouldNotBeNull();
        await reader.PrepareAsync([new BytePart(0, Bytes)], default);
        var bytes = new byte[reader.Length];
        (await reader.ReadAllAsync(0, bytes, default)).ShouldBeTrue();
        return bytes;
    }
}
