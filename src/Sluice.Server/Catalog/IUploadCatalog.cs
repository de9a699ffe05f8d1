namespace Sluice.Server.Catalog;

/// <summary>Uploads in the catalog: the truth about how far each is. The contract suite of the catalog runs against it.</summary>
internal interface IUploadCatalog
{
    /// <summary>Adds one.</summary>
    Task AddUploadAsync(Upload upload, CancellationToken ct);

    /// <summary>The upload, or null.</summary>
    ValueTask<Upload?> FindUploadAsync(AssetId id, CancellationToken ct);

    /// <summary>Bytes have come; nothing happens when it is gone.</summary>
    Task SetOffsetAsync(AssetId id, long offsetBytes, DateTimeOffset expiresAt, CancellationToken ct);

    /// <summary>It became a title, or why it became none.</summary>
    Task EndUploadAsync(AssetId id, AssetId? asset, string? reason, DateTimeOffset expiresAt, CancellationToken ct);

    /// <summary>Removes the row; false when there was none.</summary>
    Task<bool> RemoveUploadAsync(AssetId id, CancellationToken ct);

    /// <summary>Uploads whose time is over at <paramref name="instant"/>.</summary>
    Task<IReadOnlyList<AssetId>> ExpiredUploadsAsync(DateTimeOffset instant, int limit, CancellationToken ct);

    /// <summary>Uploads that are neither titles nor refused, and the bytes that they will have.</summary>
    Task<(int Count, long Bytes)> OpenUploadsAsync(CancellationToken ct);
}
