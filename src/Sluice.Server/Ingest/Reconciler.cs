using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Brings store and catalog back to agreement after a process that was killed: rows are written after the objects and
/// removed before them, so that at most there are objects without a row. A row without objects means that somebody
/// removed files by hand; it could only fail, so it goes too.
/// </summary>
internal sealed partial class Reconciler(
    ICatalog catalog, AssetDirectory assets, IObjectStore store, ILogger<Reconciler> logger)
{
    private const int Page = 500;

    /// <summary>When not one of this many titles has its files, a disk is missing rather than the files.</summary>
    private const int Suspicious = 10;

    /// <summary>Runs once, before the first request.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        store.ClearStages();
        var stored = new HashSet<AssetId>();
        await foreach (var id in store.ListAsync(ct))
        {
            if (await catalog.FindAsync(id, ct) is null)
            {
                Log.ObjectsWithoutRow(logger, id);
                await store.DeleteAsync(id, ct);
            }
            else
            {
                stored.Add(id);
            }
        }

        var orphans = new List<Asset>();
        AssetId? after = null;
        IReadOnlyList<Asset> page;
        do
        {
            page = await catalog.ListAsync(after, Page, ct);
            orphans.AddRange(page.Where(asset => !stored.Contains(asset.Id)));
            after = page.Count > 0 ? page[^1].Id : null;
        }
        while (page.Count == Page);

        if (stored.Count == 0 && orphans.Count >= Suspicious)
        {
            Log.AllGone(logger, orphans.Count);
            return;
        }

        foreach (var orphan in orphans)
        {
            Log.RowWithoutObjects(logger, orphan.Id, orphan.Title);
            await assets.RemoveAsync(orphan.Id, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Removing the files of {Asset}: an interrupted upload or removal left them")]
        public static partial void ObjectsWithoutRow(ILogger logger, AssetId asset);

        [LoggerMessage(Level = LogLevel.Critical, Message = "The catalog has {Count} titles and the media folder has none: is a disk not mounted? Nothing is removed")]
        public static partial void AllGone(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "Removing {Asset} ({Title}) from the catalog: its files are gone from the data folder")]
        public static partial void RowWithoutObjects(ILogger logger, AssetId asset, string title);
    }
}
