using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>The markers of assets that are not confirmed, or not whole. They are few; read once, what this server does to them is noted.</summary>
/// <param name="bucket">Where they are.</param>
/// <param name="layout">Their names.</param>
/// <param name="clock">Tells which are old.</param>
internal sealed class S3Pending(S3Bucket bucket, S3Layout layout, TimeProvider clock) : IDisposable
{
    /// <summary>Nobody is at work on one asset for so long: who gave such a marker does not come back.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<AssetId> _left = [];
    private Dictionary<AssetId, List<string>>? _known;

    /// <summary>Whether an asset has the marker.</summary>
    public Task<bool> HasAsync(AssetId asset, CancellationToken ct) => DoAsync(known => Task.FromResult(known.ContainsKey(asset)), ct);

    /// <summary>All that have it.</summary>
    public Task<HashSet<AssetId>> AllAsync(CancellationToken ct) => DoAsync(known => Task.FromResult(known.Keys.ToHashSet()), ct);

    /// <summary>Those that had this server's marker when they were read, which was before it did anything, or one of old: nobody is at work on them.</summary>
    public Task<HashSet<AssetId>> LeftAsync(CancellationToken ct) => DoAsync(known => Task.FromResult(known.Keys.Where(_left.Contains).ToHashSet()), ct);

    /// <summary>Gives it.</summary>
    public Task AddAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            var own = layout.PendingOf(asset);
            if (!known.TryGetValue(asset, out var names) || !names.Contains(own))
            {
                await bucket.MarkAsync(own, ct);
                known[asset] = [.. names ?? [], own];
            }

            return true;
        },
        ct);

    /// <summary>Takes it away.</summary>
    public Task RemoveAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            foreach (var name in known.GetValueOrDefault(asset) ?? [])
            {
                await bucket.RemoveAsync(name, ct);
            }

            return known.Remove(asset);
        },
        ct);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<T> DoAsync<T>(Func<Dictionary<AssetId, List<string>>, Task<T>> what, CancellationToken ct)
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

    private async Task<Dictionary<AssetId, List<string>>> ReadAsync(CancellationToken ct)
    {
        var found = new Dictionary<AssetId, List<string>>();
        var old = clock.GetUtcNow() - Abandoned;
        await foreach (var one in bucket.ListAsync(layout.Pending, null, ct))
        {
            if (layout.PendingAt(one.Name) is not var (id, isOwn))
            {
                continue;
            }

            found[id] = [.. found.GetValueOrDefault(id) ?? [], one.Name];
            if (isOwn || one.At < old)
            {
                _left.Add(id);
            }
        }

        return found;
    }
}
