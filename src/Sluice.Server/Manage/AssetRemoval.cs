using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Manage;

/// <summary>Removes assets: the row first, so that nobody is sent to files that are going; then the files. Killed in
/// between, the next start removes the files.</summary>
internal sealed class AssetRemoval(AssetDirectory assets, IObjectStore store)
{
    /// <summary>Removes one asset; false when there was none.</summary>
    public async Task<bool> RemoveAsync(AssetId id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var existed = await assets.RemoveAsync(id, CancellationToken.None);
        await store.DeleteAsync(id, CancellationToken.None);
        return existed;
    }
}
