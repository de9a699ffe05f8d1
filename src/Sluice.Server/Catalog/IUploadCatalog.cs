namespace Sluice.Server.Catalog;

/// <summary>Uploads in the catalog: the truth about how far each is. The contract suite of the catalog runs against it.</summary>
internal interface IUploadCatalog
{
    /// <summary>Adds one.</summary>
    Task AddUploadAsync(Upload upload, CancellationToken ct);

    /// <summary>Adds one that is made of parts, which then belong to it, all or nothing.</summary>
    /// <returns>False, and nothing is added, when a part is not open any more.</returns>
    Task<bool> AddJoinedUploadAsync(Upload whole, CancellationToken ct);

    /// <summary>The upload, or null.</summary>
    ValueTask<Upload?> FindUploadAsync(AssetId id, CancellationToken ct);

    /// <summary>Reads the row, applies <paramref name="change"/> and writes it, atomically; null when there is no row, or the change answers null, which leaves
    /// it as it is.</summary>
    Task<Upload?> UpdateUploadAsync(AssetId id, Func<Upload, Upload?> change, CancellationToken ct);

    /// <summary>Removes the row; false when there was none.</summary>
    Task<bool> RemoveUploadAsync(AssetId id, CancellationToken ct);

    /// <summary>Uploads whose time is over at <paramref name="instant"/>, the oldest first, but for open ones that are whole: those are to be finished.</summary>
    Task<IReadOnlyList<Upload>> ExpiredUploadsAsync(DateTimeOffset instant, int limit, CancellationToken ct);

    /// <summary>Uploads of which nothing has become yet, oldest first.</summary>
    Task<IReadOnlyList<Upload>> OpenUploadsAsync(CancellationToken ct);

    /// <summary>How many uploads are open, and the bytes that they will have as far as that is known.</summary>
    Task<(int Count, long Bytes)> CountOpenUploadsAsync(CancellationToken ct);

    /// <summary>Uploads in chunks, whatever became of them, newest first.</summary>
    Task<IReadOnlyList<Upload>> ChunkedUploadsAsync(int limit, CancellationToken ct);
}
