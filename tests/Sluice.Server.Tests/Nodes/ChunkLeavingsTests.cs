using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Chunks that a worker stored, and nobody published.</summary>
[Collection(nameof(Swift))]
public sealed class ChunkLeavingsTests(Swift swift) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly S3Options _s3 = swift.Options();
    private readonly SqliteHome _home = new();
    private readonly FakeClock _clock = new();
    private readonly AssetId _asset = AssetId.New();
    private SqlCatalog _catalog = null!;
    private S3ObjectStore _store = null!;
    private ChunkLeavings _leavings = null!;
    private WorkTask _task = null!;

    public async ValueTask InitializeAsync()
    {
        _catalog = _home.Open();
        await _catalog.MigrateAsync(default);
        _store = Swift.Store(_s3, _folder.CreateSubdirectory("one").FullName);
        _leavings = new ChunkLeavings(
            _catalog, _store, new Holds(_catalog, _clock, NullLogger<Holds>.Instance, new Holder("one")), new SluiceOptions(), _clock, NullLogger<ChunkLeavings>.Instance);
        await _catalog.AddAsync(CatalogContract.Sample(_clock.GetUtcNow()) with { Id = _asset }, [], default);
        await using (var stage = _store.Stage(_asset))
        {
            await File.WriteAllTextAsync(stage.PathOf("source"), "film");
            await stage.CommitAsync(default);
        }

        _task = await BeginAsync();
        await StoreAsync(1, _task.Fence);
        (await _catalog.PublishChunkAsync(_task, new ChunkRow("v0", 1, _task.Fence, 5, 2, new byte[32], IsPlaceholder: false), default)).ShouldBeTrue();
        await StoreAsync(2, 1000);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        _leavings.Dispose();
        (_catalog as IDisposable)?.Dispose();
        await _home.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task They_go_when_the_encoding_has_been_over_for_a_while_and_nothing_else_does()
    {
        _clock.Advance(ChunkLeavings.Late * 2);
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(2, "the job goes on");

        (await _catalog.CompleteAsync(_task, _clock.GetUtcNow(), default)).ShouldBeTrue();
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(2, "a worker may still find out that it lost its task");

        _clock.Advance(ChunkLeavings.Late);
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).ShouldHaveSingleItem().ShouldContain($"v0-1.{_task.Fence}.");
    }

    [Fact]
    public async Task A_title_that_is_encoded_anew_is_looked_at_when_that_has_ended()
    {
        (await _catalog.CompleteAsync(_task, _clock.GetUtcNow(), default)).ShouldBeTrue();
        var next = await BeginAsync();
        _clock.Advance(ChunkLeavings.Late);
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(2);

        (await _catalog.CompleteAsync(next, _clock.GetUtcNow(), default)).ShouldBeTrue();
        _clock.Advance(ChunkLeavings.Late);
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_title_is_looked_at_once_by_one_server()
    {
        (await _catalog.CompleteAsync(_task, _clock.GetUtcNow(), default)).ShouldBeTrue();
        _clock.Advance(ChunkLeavings.Late);
        (await _catalog.HoldAsync("chunk leavings", new Holder("two"), _clock.GetUtcNow(), TimeSpan.FromSeconds(5), default)).ShouldBeTrue();
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(2, "the other one does it");

        _clock.Advance(TimeSpan.FromSeconds(5));
        await _leavings.SweepAsync(default);
        await StoreAsync(3, 1001);
        await _leavings.SweepAsync(default);
        (await ChunksAsync()).Count.ShouldBe(2, "that came too late for any look");
    }

    private async Task<WorkTask> BeginAsync()
    {
        await _catalog.AddJobsAsync(_asset, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Background, 1, 3)])], _clock.GetUtcNow(), default);
        return (await _catalog.ClaimAsync("one", Urgency.Background, _clock.GetUtcNow(), TimeSpan.FromHours(1), default)).ShouldNotBeNull();
    }

    private async Task StoreAsync(int number, long maker)
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("n"));
        await File.WriteAllTextAsync(path, "chunk");
        await _store.PutAsync(ObjectKey.Chunk(_asset, "v0", number, maker), path, default);
    }

    private async Task<List<string>> ChunksAsync() =>
        [.. (await swift.NamesAsync(_s3.Prefix)).Where(name => name.Contains("/chunks/", StringComparison.Ordinal))];
}
