using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>The markers of assets that are not confirmed, or not whole. They are few; read once, what this server does to them is noted.</summary>
internal sealed class S3Pending(S3Bucket bucket, S3Layout layout) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private HashSet<AssetId>? _known;

    /// <summary>Whether an asset has the marker.</summary>
    public Task<bool> HasAsync(AssetId asset, CancellationToken ct) => DoAsync(known => Task.FromResult(known.Contains(asset)), ct);

    /// <summary>All that have it.</summary>
    public Task<HashSet<AssetId>> AllAsync(CancellationToken ct) => DoAsync(known => Task.FromResult(known.ToHashSet()), ct);

    /// <summary>Gives it.</summary>
    public Task AddAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            if (!known.Contains(asset))
            {
                await bucket.MarkAsync(layout.PendingOf(asset), ct);
                known.Add(asset);
            }

            return true;
        },
        ct);

    /// <summary>Takes it away.</summary>
    public Task RemoveAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            if (known.Contains(asset))
            {
                await bucket.RemoveAsync(layout.PendingOf(asset), ct);
                known.Remove(asset);
            }

            return true;
        },
        ct);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<T> DoAsync<T>(Func<HashSet<AssetId>, Task<T>> what, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await what(_known ??= await ReadAsync(ct));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<HashSet<AssetId>> ReadAsync(CancellationToken ct)
    {
        var found = new HashSet<AssetId>();
        await foreach (var one in bucket.ListAsync(layout.Pending, null, ct))
        {
            if (AssetId.TryParse(one.Name[layout.Pending.Length..], null, out var id))
            {
                found.Add(id);
            }
        }

        return found;
    }
}
