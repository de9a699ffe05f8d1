using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// Lets go of what this server has of uploads that went on, or ended, at another one: their bytes on the shelf, the hash of these, and the title that was arriving
/// here. And of pieces that are of no open upload, whichever server left them. Nothing happens where uploads stay with their server.
/// </summary>
internal sealed partial class UploadLeaving(
    ICatalog catalog,
    AssetDirectory assets,
    UploadShelf shelf,
    UploadLocks locks,
    UploadPieces pieces,
    UploadHashes hashes,
    ArrivalDesk arrivals,
    ILogger<UploadLeaving> logger)
{
    /// <summary>Looks once.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (!pieces.IsShared)
        {
            return;
        }

        // Before the rows: what begins meanwhile is in neither list.
        var (stored, here) = (await pieces.ListAsync(ct), shelf.List());
        var open = await catalog.OpenUploadsAsync(ct);
        var wanted = open.SelectMany(upload => upload.Parts.Append(upload.Id)).ToHashSet();
        foreach (var id in here.Where(id => !wanted.Contains(id)))
        {
            await LetGoAsync(id, ct);
        }

        foreach (var upload in open.Where(upload => arrivals.StatusOf(upload.Id) is not null))
        {
            await LeaveAsync(upload.Id, ct);
        }

        foreach (var id in stored.Where(id => !wanted.Contains(id)))
        {
            Log.Leavings(logger, id);
            await pieces.RemoveAsync(id, ct);
        }
    }

    /// <summary>It has ended, and its bytes are of no use.</summary>
    private async Task LetGoAsync(AssetId id, CancellationToken ct)
    {
        await using var taken = locks.TryTakeHere(id);
        if (taken is null)
        {
            return; // This server is ending it just now.
        }

        Log.EndedElsewhere(logger, id);
        shelf.Delete(id);
        pieces.Forget(id);
        hashes.Forget(id);
        if (arrivals.StatusOf(id) is not null)
        {
            await arrivals.LeaveAsync(id);

            // A look at its first bytes may have been under way when it ended. What has ended becomes no title any more.
            if (await catalog.FindUploadAsync(id, ct) is { IsOpen: false } && await catalog.FindAsync(id, ct) is { State: AssetState.Arriving })
            {
                await assets.RemoveAsync(id, ct);
            }
        }
    }

    /// <summary>What has arrived here grows no more, if the upload went on elsewhere.</summary>
    private async Task LeaveAsync(AssetId id, CancellationToken ct)
    {
        await using var taken = locks.TryTakeHere(id);
        if (taken is not null && await catalog.FindUploadAsync(id, ct) is { } now && !pieces.AreHere(now))
        {
            hashes.Forget(id);
            await arrivals.LeaveAsync(id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Removing the bytes of the upload {Upload}: it has ended at another server")]
        public static partial void EndedElsewhere(ILogger logger, AssetId upload);

        [LoggerMessage(Level = LogLevel.Information, Message = "Removing pieces of the upload {Upload}: it has ended")]
        public static partial void Leavings(ILogger logger, AssetId upload);
    }
}
