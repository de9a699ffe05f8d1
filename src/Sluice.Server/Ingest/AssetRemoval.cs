using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>Removes assets: the row first, so that nobody is sent to files that are going; then the files. Files that
/// would not go are kept in mind for the sweeper; after a crash, the next start removes them.</summary>
internal sealed class AssetRemoval(AssetDirectory assets, IObjectStore store, ArrivalEnding arrivals)
{
    private readonly ConcurrentDictionary<AssetId, bool> _leftovers = new();

    /// <summary>Assets without a row whose files could not be removed yet.</summary>
    public ICollection<AssetId> Leftovers => _leftovers.Keys;

    /// <summary>Removes one asset; false when there was none.</summary>
    public async Task<bool> RemoveAsync(AssetId id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (await assets.FindAsync(id, ct) is not { } asset)
        {
            return false;
        }

        if (asset.State == AssetState.Arriving && await arrivals.EndAsync(id, "Its title was removed while it arrived.", ct))
        {
            return true; // There are no files in the store yet.
        }

        // Should this process die after the row is gone, the next start knows by the mark that the files are to go too.
        await store.UnconfirmAsync(id, CancellationToken.None);
        var existed = await RemoveRowAsync(id);
        if (existed)
        {
            _leftovers[id] = true;
            await RemoveFilesAsync(id, CancellationToken.None);
        }

        return existed;
    }

    private async Task<bool> RemoveRowAsync(AssetId id)
    {
        try
        {
            return await assets.RemoveAsync(id, CancellationToken.None);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            // To forget takes room too. Whoever removes a title wants to make some: its files go first, then.
            await store.DeleteAsync(id, CancellationToken.None);
            return await assets.RemoveAsync(id, CancellationToken.None);
        }
    }

    /// <summary>Removes the files of an asset that has no row any more.</summary>
    public async Task RemoveFilesAsync(AssetId id, CancellationToken ct)
    {
        await store.DeleteAsync(id, ct);
        _leftovers.TryRemove(id, out _);
    }
}
