using Sluice.Server.Catalog;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A catalog that takes its time with changes of imports, as one does on a disk that is busy.</summary>
internal sealed class HeldCatalog(IImportCatalog inner, Task held) : IImportCatalog
{
    public Task<Import> AddImportAsync(Import import, CancellationToken ct) => inner.AddImportAsync(import, ct);

    public ValueTask<Import?> FindImportAsync(AssetId id, CancellationToken ct) => inner.FindImportAsync(id, ct);

    public ValueTask<Import?> FindImportAsync(ImportKind kind, string source, CancellationToken ct) => inner.FindImportAsync(kind, source, ct);

    public Task<IReadOnlyList<Import>> ListImportsAsync(AssetId? after, int limit, CancellationToken ct) => inner.ListImportsAsync(after, limit, ct);

    public Task<IReadOnlyList<Import>> OpenImportsAsync(ImportKind kind, CancellationToken ct) => inner.OpenImportsAsync(kind, ct);

    public async Task<Import?> UpdateImportAsync(AssetId id, Func<Import, Import> change, CancellationToken ct)
    {
        await held;
        return await inner.UpdateImportAsync(id, change, ct);
    }

    public Task<bool> RemoveImportAsync(AssetId id, CancellationToken ct) => inner.RemoveImportAsync(id, ct);

    public Task<int> RemoveImportsAsync(DateTimeOffset instant, CancellationToken ct) => inner.RemoveImportsAsync(instant, ct);
}
