using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Brings store and catalog back to agreement after a process that was killed. Only what carries the store's mark
/// (committed and not confirmed, or unconfirmed for removal) is removed. Files without a row and without the mark are
/// titles whose catalog was lost, and rows without files are titles whose disk is missing: both are kept, and said.
/// </summary>
internal sealed partial class Reconciler(ICatalog catalog, IObjectStore store, StoreTurns turns, ILogger<Reconciler> logger)
{
    private const int Page = 500;

    /// <summary>Runs once, before the first request.</summary>
    /// <param name="isAlone">No other server shares catalog and store; else another one may be about to publish what looks unfinished, and only what this one left
    /// itself is touched.</param>
    /// <param name="ct">Cancels it.</param>
    public async Task RunAsync(bool isAlone, CancellationToken ct)
    {
        store.ClearStages();
        if (!isAlone)
        {
            foreach (var id in await store.LeftAsync(ct))
            {
                await SettleBesideOthersAsync(id, ct);
            }

            return;
        }

        var stored = new HashSet<AssetId>();
        await foreach (var id in store.ListAsync(ct))
        {
            stored.Add(id);
            await SettleAsync(id, ct);
        }

        AssetId? after = null;
        IReadOnlyList<Asset> page;
        do
        {
            page = await catalog.ListAsync(after, Page, ct);
            foreach (var asset in page.Where(asset => asset.State != AssetState.Arriving && !stored.Contains(asset.Id)))
            {
                Log.RowWithoutObjects(logger, asset.Id, asset.Title);
            }

            after = page.Count > 0 ? page[^1].Id : null;
        }
        while (page.Count == Page);
    }

    /// <summary>Another server may have gone on with what this one was at. What it has marked by now is its own; and while it has the turn, it may be about to mark it: then
    /// this server's mark stays for its next start.</summary>
    private async Task SettleBesideOthersAsync(AssetId id, CancellationToken ct)
    {
        await using var turn = await turns.TryTakeAsync(id, ct);
        if (turn is null || await store.LeaveToOthersAsync(id, ct))
        {
            Log.Others(logger, id);
            return;
        }

        await SettleAsync(id, ct);
    }

    private async Task SettleAsync(AssetId id, CancellationToken ct)
    {
        // The row of a title that arrives is no row of these objects: publishing was cut short between the two, and is done again.
        var hasRow = await catalog.FindAsync(id, ct) is { State: not AssetState.Arriving };
        switch (hasRow, await store.IsUnconfirmedAsync(id, ct))
        {
            case (true, true):
                await store.ConfirmAsync(id, ct);
                break;
            case (false, true):
                Log.Leavings(logger, id);
                await store.DeleteAsync(id, ct);
                break;
            case (false, false):
                Log.ObjectsWithoutRow(logger, id);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Removing the files of {Asset}: an interrupted upload or removal left them")]
        public static partial void Leavings(ILogger logger, AssetId asset);

        [LoggerMessage(Level = LogLevel.Information, Message = "An interrupted upload or removal left {Asset}, and another node has gone on with it")]
        public static partial void Others(ILogger logger, AssetId asset);

        [LoggerMessage(Level = LogLevel.Warning, Message = "media/{Asset} has files but no row in the catalog; kept")]
        public static partial void ObjectsWithoutRow(ILogger logger, AssetId asset);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} ({Title}) has no files in the media folder and cannot be played; kept in the catalog. Is a disk not mounted?")]
        public static partial void RowWithoutObjects(ILogger logger, AssetId asset, string title);
    }
}
