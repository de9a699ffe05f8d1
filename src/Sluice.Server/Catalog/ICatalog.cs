namespace Sluice.Server.Catalog;

/// <summary>
/// The catalog seam: the truth about every asset and its work. One contract suite runs against each implementation. A row exists
/// only while the store holds all objects of that asset: rows are added after the objects, removed before them. The row of an asset that
/// arrives (<see cref="AssetState.Arriving"/>) exists as long as its upload or import is open.
/// </summary>
internal interface ICatalog : IWorkCatalog, IUploadCatalog, IViewCatalog
{
    /// <summary>Why it cannot be reached, as far as that is known without asking; null when it can.</summary>
    string? Trouble => null;

    /// <summary>Brings the schema up to date, forward only. Called once before anything else.</summary>
    Task MigrateAsync(CancellationToken ct);

    /// <summary>Begins to work with the catalog, as one process of those that share it. A file has one: the data folder sees to that.</summary>
    Task<CatalogEntry> EnterAsync(CancellationToken ct) => Task.FromResult(new CatalogEntry(isAlone: true, () => ValueTask.CompletedTask));

    /// <summary>What was written until now outlives a power cut; without it, the newest rows may not.</summary>
    Task FlushAsync(CancellationToken ct);

    /// <summary>Adds a row and its jobs, all or none.</summary>
    Task AddAsync(Asset asset, IReadOnlyList<NewJob> jobs, CancellationToken ct);

    /// <summary>Adds a row without jobs.</summary>
    Task AddAsync(Asset asset, CancellationToken ct) => AddAsync(asset, [], ct);

    /// <summary>Makes a row of the one that is there, if one is, and adds its jobs; all or none.</summary>
    /// <param name="id">Whose row.</param>
    /// <param name="make">Answers the row to be written, from the one that is there or from null; null changes nothing.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <param name="ct">Cancels it.</param>
    /// <param name="fence">Nothing is written when another server has this by now.</param>
    /// <returns>What was written; null when nothing was.</returns>
    Task<Asset?> PublishAsync(AssetId id, Func<Asset?, Asset?> make, IReadOnlyList<NewJob> jobs, CancellationToken ct, Fence? fence = null);

    /// <summary>The asset, or null.</summary>
    ValueTask<Asset?> FindAsync(AssetId id, CancellationToken ct);

    /// <summary>Assets of the library, at most <paramref name="limit"/>, those after <paramref name="after"/> in the order of the query
    /// when it is given. Those with an owner are not among them.</summary>
    Task<IReadOnlyList<Asset>> ListAsync(LibraryQuery query, AssetId? after, int limit, CancellationToken ct);

    /// <summary>The whole library, newest first.</summary>
    Task<IReadOnlyList<Asset>> ListAsync(AssetId? after, int limit, CancellationToken ct) => ListAsync(LibraryQuery.All, after, limit, ct);

    /// <summary>How many assets of the library the query has.</summary>
    Task<int> CountAsync(LibraryQuery query, CancellationToken ct);

    /// <summary>Bytes of the source files of the library.</summary>
    Task<long> SourceBytesAsync(CancellationToken ct);

    /// <summary>Ids of all assets that have an <see cref="Asset.Owner"/>.</summary>
    Task<IReadOnlyList<AssetId>> OwnedAsync(CancellationToken ct);

    /// <summary>Ids of assets whose source has these bytes (<see cref="Asset.Sha256"/>, <see cref="Asset.SizeBytes"/>), oldest first.</summary>
    Task<IReadOnlyList<AssetId>> FindByContentAsync(string sha256, long sizeBytes, int limit, CancellationToken ct);

    /// <summary>Reads the row, applies <paramref name="change"/> and writes it, atomically; null when there is no row.</summary>
    Task<Asset?> UpdateAsync(AssetId id, Func<Asset, Asset> change, CancellationToken ct);

    /// <summary>Removes the row with its jobs, tasks and chunks; false when there was none.</summary>
    Task<bool> RemoveAsync(AssetId id, CancellationToken ct);

    /// <summary>Ids of assets with <see cref="Asset.ExpiresAt"/> at or before <paramref name="instant"/>.</summary>
    Task<IReadOnlyList<AssetId>> ExpiredAsync(DateTimeOffset instant, int limit, CancellationToken ct);

    /// <summary>A small installation-wide value, or null.</summary>
    Task<string?> GetSettingAsync(string key, CancellationToken ct);

    /// <summary>Sets a small installation-wide value, unless it is there already.</summary>
    /// <returns>The one that is there now.</returns>
    Task<string> EnsureSettingAsync(string key, string value, CancellationToken ct);

    /// <summary>Sets a small installation-wide value.</summary>
    Task SetSettingAsync(string key, string value, CancellationToken ct);

    /// <summary>Values whose keys begin with <paramref name="prefix"/>, which is not empty, in the order of their keys.</summary>
    Task<IReadOnlyList<KeyValuePair<string, string>>> ListSettingsAsync(string prefix, CancellationToken ct);

    /// <summary>Removes a small installation-wide value; nothing happens when there is none.</summary>
    Task RemoveSettingAsync(string key, CancellationToken ct);
}
