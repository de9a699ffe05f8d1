namespace Sluice.Server.Catalog;

/// <summary>Imports in the catalog: the truth about how far each is. The contract suite of the catalog runs against it.</summary>
internal interface IImportCatalog
{
    /// <summary>Adds one, unless one of the same kind and source is open.</summary>
    /// <returns>The one that was added, or that open one.</returns>
    Task<Import> AddImportAsync(Import import, CancellationToken ct);

    /// <summary>The import, or null.</summary>
    ValueTask<Import?> FindImportAsync(AssetId id, CancellationToken ct);

    /// <summary>The newest of a source, or null.</summary>
    ValueTask<Import?> FindImportAsync(ImportKind kind, string source, CancellationToken ct);

    /// <summary>Imports, newest first, at most <paramref name="limit"/>, those after <paramref name="after"/> in that order when it is given.</summary>
    Task<IReadOnlyList<Import>> ListImportsAsync(AssetId? after, int limit, CancellationToken ct);

    /// <summary>Those of a kind that have not ended, oldest first.</summary>
    Task<IReadOnlyList<Import>> OpenImportsAsync(ImportKind kind, CancellationToken ct);

    /// <summary>Reads the row, applies <paramref name="change"/> and writes it, atomically; null when there is no row.</summary>
    Task<Import?> UpdateImportAsync(AssetId id, Func<Import, Import> change, CancellationToken ct);

    /// <summary>Removes one that has ended; false when there is none.</summary>
    Task<bool> RemoveImportAsync(AssetId id, CancellationToken ct);

    /// <summary>Removes those that ended before <paramref name="instant"/>.</summary>
    Task<int> RemoveImportsAsync(DateTimeOffset instant, CancellationToken ct);
}
