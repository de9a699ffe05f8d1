using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// A store in which some sources are not: those are read from where they lie (<see cref="RemoteSources"/>), and the chunks that are encoded of them may
/// have a place of their own. All else is the inner store's.
/// </summary>
internal sealed class RemoteObjectStore(IObjectStore inner, RemoteSources sources) : IObjectStore
{
    /// <inheritdoc />
    public long FreeBytes => inner.FreeBytes;

    /// <inheritdoc />
    public bool IsElsewhere => inner.IsElsewhere;

    /// <inheritdoc />
    public void Doubt(AssetId asset, int? revision) => inner.Doubt(asset, revision);

    /// <inheritdoc />
    public ValueTask<IReadOnlyCollection<AssetId>> LeftAsync(CancellationToken ct) => inner.LeftAsync(ct);

    /// <inheritdoc />
    public ValueTask<bool> LeaveToOthersAsync(AssetId asset, CancellationToken ct) => inner.LeaveToOthersAsync(asset, ct);

    /// <inheritdoc />
    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct) =>
        sources.TryGet(key.Asset, out var reader) && key == ObjectKey.Source(key.Asset)
            ? new ValueTask<IObjectReader?>(new Lent(reader))
            : Of(key).OpenAsync(key, ct);

    /// <inheritdoc />
    public IObjectStage Stage(AssetId asset) => (sources.ChunksOf(asset) ?? inner).Stage(asset);

    /// <inheritdoc />
    public ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct) => Of(key).PutAsync(key, localPath, ct);

    /// <inheritdoc />
    public ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct) => Of(key).TryShareAsync(key, stagedPath, ct);

    /// <inheritdoc />
    public ValueTask RemoveAsync(ObjectKey key, CancellationToken ct) => Of(key).RemoveAsync(key, ct);

    /// <inheritdoc />
    public ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct) =>
        (sources.ChunksOf(asset) ?? inner).RemoveChunksAsync(asset, rendition, ct);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ObjectKey>> ListChunksAsync(AssetId asset, CancellationToken ct) => inner.ListChunksAsync(asset, ct);

    /// <inheritdoc />
    public string? LocalPathOf(ObjectKey key) => Of(key).LocalPathOf(key);

    /// <inheritdoc />
    public ValueTask<LocalFile?> FileOfAsync(ObjectKey key, CancellationToken ct) => Of(key).FileOfAsync(key, ct);

    /// <inheritdoc />
    public ValueTask ConfirmAsync(AssetId asset, CancellationToken ct) => inner.ConfirmAsync(asset, ct);

    /// <inheritdoc />
    public ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct) => inner.UnconfirmAsync(asset, ct);

    /// <inheritdoc />
    public ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct) => inner.IsUnconfirmedAsync(asset, ct);

    /// <inheritdoc />
    public ValueTask DeleteAsync(AssetId asset, CancellationToken ct) => inner.DeleteAsync(asset, ct);

    /// <inheritdoc />
    public IAsyncEnumerable<AssetId> ListAsync(CancellationToken ct) => inner.ListAsync(ct);

    /// <inheritdoc />
    public void ClearStages() => inner.ClearStages();

    private IObjectStore Of(ObjectKey key) => key.IsChunk && sources.ChunksOf(key.Asset) is { } chunks ? chunks : inner;

    /// <summary>A reader that its owner disposes of, and nobody who opened it.</summary>
    private sealed class Lent(IObjectReader reader) : IObjectReader
    {
        public long Length => reader.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => reader.ReadAsync(offset, destination, ct);

        public ValueTask PrepareAsync(long offset, CancellationToken ct) => reader.PrepareAsync(offset, ct);

        public ValueTask PrepareAsync(IReadOnlyList<BytePart> parts, CancellationToken ct) => reader.PrepareAsync(parts, ct);

        public bool IsElsewhere => reader.IsElsewhere;

        public void Dispose()
        {
            // It is lent.
        }
    }
}
