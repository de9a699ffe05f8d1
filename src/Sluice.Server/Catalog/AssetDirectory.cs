using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Catalog;

/// <summary>
/// The catalog as the rest of the server sees it: a bounded memory of assets in front of <see cref="ICatalog"/>, so
/// that serving a segment touches no database. Every change goes through here and is seen by the next look-up.
/// Nothing is remembered for an id that does not exist, so guessing ids costs the guesser only.
/// </summary>
internal sealed class AssetDirectory(ICatalog catalog)
{
    /// <summary>Assets remembered; about 2 KB each. When full, all are forgotten and read again as they are asked for.</summary>
    private const int Capacity = 16_384;

    private readonly ConcurrentDictionary<AssetId, Asset> _known = new();
    private readonly Lock _gate = new();
    private long _writes;

    /// <summary>State or revision of an asset changed, or it was removed (null). Raised after the change; must not block.</summary>
    public event Action<AssetId, Asset?>? Changed;

    /// <summary>The asset when it is in memory; false says nothing about whether it exists.</summary>
    public bool TryGet(AssetId id, [NotNullWhen(true)] out Asset? asset) => _known.TryGetValue(id, out asset);

    /// <summary>The asset, or null when there is none.</summary>
    public ValueTask<Asset?> FindAsync(AssetId id, CancellationToken ct) =>
        _known.TryGetValue(id, out var asset) ? new ValueTask<Asset?>(asset) : ReadAsync(id, ct);

    /// <inheritdoc cref="ICatalog.FlushAsync" />
    public Task FlushAsync(CancellationToken ct) => catalog.FlushAsync(ct);

    /// <inheritdoc cref="ICatalog.AddAsync(Asset, CancellationToken)" />
    public Task AddAsync(Asset asset, CancellationToken ct) => AddAsync(asset, [], ct);

    /// <inheritdoc cref="ICatalog.AddAsync(Asset, IReadOnlyList{NewJob}, CancellationToken)" />
    public async Task AddAsync(Asset asset, IReadOnlyList<NewJob> jobs, CancellationToken ct)
    {
        await catalog.AddAsync(asset, jobs, ct);
        Remember(asset);
    }

    /// <inheritdoc cref="ICatalog.PublishAsync" />
    public async Task<Asset?> PublishAsync(AssetId id, Func<Asset?, Asset?> make, IReadOnlyList<NewJob> jobs, CancellationToken ct, Fence? fence = null)
    {
        Asset? before = null;
        Asset? after;
        try
        {
            after = await catalog.PublishAsync(id, old => make(before = old), jobs, ct, fence);
        }
        finally
        {
            Forget(id);
        }

        // One that appears as a whole is told by who made it appear: there was nothing that anybody watched.
        if (after is not null && (before is not null || after.State == AssetState.Arriving))
        {
            Changed?.Invoke(id, after);
        }

        return after;
    }

    /// <inheritdoc cref="ICatalog.ListAsync(LibraryQuery, AssetId?, int, CancellationToken)" />
    public Task<IReadOnlyList<Asset>> ListAsync(LibraryQuery query, AssetId? after, int limit, CancellationToken ct) =>
        catalog.ListAsync(query, after, limit, ct);

    /// <inheritdoc cref="ICatalog.ListAsync(AssetId?, int, CancellationToken)" />
    public Task<IReadOnlyList<Asset>> ListAsync(AssetId? after, int limit, CancellationToken ct) => catalog.ListAsync(after, limit, ct);

    /// <inheritdoc cref="ICatalog.CountAsync" />
    public Task<int> CountAsync(LibraryQuery query, CancellationToken ct) => catalog.CountAsync(query, ct);

    /// <inheritdoc cref="ICatalog.FindByContentAsync" />
    public Task<IReadOnlyList<AssetId>> FindByContentAsync(string sha256, long sizeBytes, int limit, CancellationToken ct) =>
        catalog.FindByContentAsync(sha256, sizeBytes, limit, ct);

    /// <inheritdoc cref="ICatalog.UpdateAsync" />
    public async Task<Asset?> UpdateAsync(AssetId id, Func<Asset, Asset> change, CancellationToken ct)
    {
        Asset? before = null;
        Asset? after;

        // Forgotten rather than replaced: two updates may finish here in the other order than in the catalog.
        try
        {
            after = await catalog.UpdateAsync(id, old => change(before = old), ct);
        }
        finally
        {
            Forget(id);
        }

        if (after is not null && (before?.State, before?.Revision) != (after.State, after.Revision))
        {
            Changed?.Invoke(id, after);
        }

        return after;
    }

    /// <inheritdoc cref="ICatalog.RemoveAsync" />
    public async Task<bool> RemoveAsync(AssetId id, CancellationToken ct)
    {
        bool existed;
        try
        {
            existed = await catalog.RemoveAsync(id, ct);
        }
        finally
        {
            Forget(id);
        }

        if (existed)
        {
            Changed?.Invoke(id, null);
        }

        return existed;
    }

    /// <inheritdoc cref="ICatalog.ExpiredAsync" />
    public Task<IReadOnlyList<AssetId>> ExpiredAsync(DateTimeOffset instant, int limit, CancellationToken ct) =>
        catalog.ExpiredAsync(instant, limit, ct);

    /// <summary>Another node changed or removed it: what is remembered is read again, and told.</summary>
    public async Task ChangedElsewhereAsync(AssetId id, CancellationToken ct)
    {
        _known.TryGetValue(id, out var before);
        Forget(id);
        var after = await FindAsync(id, ct);
        if (before is null || (before.State, before.Revision) != (after?.State, after?.Revision))
        {
            Changed?.Invoke(id, after);
        }
    }

    /// <summary>Forgets everything: changes may have been missed.</summary>
    public void ForgetAll()
    {
        lock (_gate)
        {
            _writes++;
            _known.Clear();
        }
    }

    private async ValueTask<Asset?> ReadAsync(AssetId id, CancellationToken ct)
    {
        var writesBefore = Volatile.Read(ref _writes);
        var asset = await catalog.FindAsync(id, ct);
        if (asset is null)
        {
            return null;
        }

        lock (_gate)
        {
            // A change that finished while we read may be newer than what we read.
            if (_writes == writesBefore)
            {
                Insert(asset);
            }
        }

        return asset;
    }

    private void Remember(Asset asset)
    {
        lock (_gate)
        {
            _writes++;
            Insert(asset);
        }
    }

    private void Forget(AssetId id)
    {
        lock (_gate)
        {
            _writes++;
            _known.TryRemove(id, out _);
        }
    }

    private void Insert(Asset asset)
    {
        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known[asset.Id] = asset;
    }
}
