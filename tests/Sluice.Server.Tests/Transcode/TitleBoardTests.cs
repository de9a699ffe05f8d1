using System.Reflection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>What is known of titles that are being encoded, while the catalog is slow, or away.</summary>
public sealed class TitleBoardTests : IAsyncLifetime
{
    private readonly SqliteHome _home = new();
    private readonly AssetId _asset = AssetId.New();
    private SqlCatalog _tables = null!;
    private Slow _slow = null!;
    private AssetDirectory _assets = null!;
    private ChunkBoard _board = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = _home.Open();
        await _tables.MigrateAsync(default);
        await AddAsync(_asset);
        var catalog = DispatchProxy.Create<ICatalog, Slow>();
        _slow = (Slow)(object)catalog;
        _slow.Inner = _tables;
        _assets = new AssetDirectory(_tables);
        _board = new ChunkBoard(catalog, _assets, new SluiceOptions { Storage = { Catalog = "postgres://one@127.0.0.1/for-all" } }, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        (_tables as IDisposable)?.Dispose();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task A_title_that_is_slow_to_read_keeps_nobody_from_another_one()
    {
        var other = AssetId.New();
        await AddAsync(other);
        _slow.Before = asset => asset == _asset ? _slow.Answer.Task : Task.CompletedTask;

        var first = _board.OpenAsync(_asset, default).AsTask();
        await _board.OpenAsync(other, default).AsTask().WaitAsync(Eventually.Patience);

        first.IsCompleted.ShouldBeFalse();
        var second = _board.OpenAsync(_asset, default).AsTask();
        _slow.Answer.SetResult();
        (await second).ShouldBeSameAs(await first, "all who come at once get the same, and the catalog is asked once");
        _slow.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_title_that_may_have_changed_is_read_anew_also_when_the_catalog_was_away()
    {
        var title = await _board.OpenAsync(_asset, default);
        title.CountOf("v0").ShouldBe(0);
        await PublishAsync();
        _slow.Before = _ => throw new CatalogUnreachableException("gone", new IOException());
        await Should.ThrowAsync<CatalogUnreachableException>(() => _board.OpenAsync(_asset, default).AsTask());

        _slow.Before = _ => Task.CompletedTask;
        (await _board.OpenAsync(_asset, default)).CountOf("v0").ShouldBe(1);
    }

    [Fact]
    public async Task What_changes_while_it_is_read_is_read_once_more()
    {
        _slow.Before = _ => _slow.Answer.Task;
        var reading = _board.OpenForTaskAsync(_asset, default).AsTask();
        _board.Forget(_asset);
        _slow.Answer.SetResult();
        await reading;

        await _board.OpenAsync(_asset, default);
        _slow.Asked.ShouldBe(2, "what was read before is not kept");
    }

    /// <summary>Another server publishes the first chunk, and tells of it.</summary>
    private async Task PublishAsync()
    {
        var task = (await _tables.ClaimAsync("another", Urgency.Background, DateTimeOffset.UtcNow, TimeSpan.FromHours(1), default)).ShouldNotBeNull();
        (await _tables.PublishChunkAsync(task, new ChunkRow("v0", 1, 1, 10, 5, new byte[32], IsPlaceholder: false), default)).ShouldBeTrue();
        await _assets.UpdateAsync(_asset, asset => asset with { Revision = asset.Revision + 1 }, default);
    }

    private async Task AddAsync(AssetId id)
    {
        await _tables.AddAsync(CatalogContract.Sample(DateTimeOffset.UtcNow) with { Id = id }, [], default);
        await _tables.AddJobsAsync(id, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Background, 1, 3)])], DateTimeOffset.UtcNow, default);
    }

    /// <summary>The real one, which is asked for jobs only when the test lets it.</summary>
    public class Slow : DispatchProxy
    {
        internal ICatalog Inner { get; set; } = null!;

        internal Func<AssetId, Task> Before { get; set; } = _ => Task.CompletedTask;

        internal TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal int Asked { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ICatalog.ListJobsAsync) && args![0] is AssetId asset
                ? JobsAsync(asset, (CancellationToken)args[^1]!)
                : targetMethod.Invoke(Inner, args);

        private async Task<IReadOnlyList<Job>> JobsAsync(AssetId asset, CancellationToken ct)
        {
            Asked++;
            await Before(asset);
            return await Inner.ListJobsAsync(asset, null, 100, ct);
        }
    }
}
