using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Tests.Ingest;

/// <summary>The real store, which notes what becomes of stages: <c>flush</c>, <c>share</c> and <c>commit</c>.</summary>
internal sealed class NotedStore(IObjectStore store) : IObjectStore
{
    /// <summary>What was done, in order.</summary>
    public ConcurrentQueue<string> Done { get; } = new();

    /// <summary>Called after every commit of a stage.</summary>
    public Action Committed { get; set; } = () => { };

    public long FreeBytes => store.FreeBytes;

    public IObjectStage Stage(AssetId asset) => new NotedStage(store.Stage(asset), this);

    public async ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct)
    {
        var shared = await store.TryShareAsync(key, stagedPath, ct);
        Done.Enqueue(shared ? "share" : "share not");
        return shared;
    }

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct) => store.OpenAsync(key, ct);

    public ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct) => store.PutAsync(key, localPath, ct);

    public ValueTask RemoveAsync(ObjectKey key, CancellationToken ct) => store.RemoveAsync(key, ct);

    public ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct) => store.RemoveChunksAsync(asset, rendition, ct);

    public string? LocalPathOf(ObjectKey key) => store.LocalPathOf(key);

    public ValueTask ConfirmAsync(AssetId asset, CancellationToken ct) => store.ConfirmAsync(asset, ct);

    public ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct) => store.UnconfirmAsync(asset, ct);

    public ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct) => store.IsUnconfirmedAsync(asset, ct);

    public ValueTask DeleteAsync(AssetId asset, CancellationToken ct) => store.DeleteAsync(asset, ct);

    public IAsyncEnumerable<AssetId> ListAsync(CancellationToken ct) => store.ListAsync(ct);

    public void ClearStages() => store.ClearStages();

    private sealed class NotedStage(IObjectStage stage, NotedStore noted) : IObjectStage
    {
        public string PathOf(string name) => stage.PathOf(name);

        public ValueTask FlushAsync(CancellationToken ct)
        {
            noted.Done.Enqueue("flush");
            return stage.FlushAsync(ct);
        }

        public async ValueTask CommitAsync(CancellationToken ct)
        {
            noted.Done.Enqueue("commit");
            await stage.CommitAsync(ct);
            noted.Committed();
        }

        public ValueTask DisposeAsync() => stage.DisposeAsync();
    }
}
