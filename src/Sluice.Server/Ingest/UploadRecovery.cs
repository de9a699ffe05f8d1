using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Nodes;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Brings the rows and the bytes of unfinished uploads back to agreement after a process that was killed, before anybody is told an offset.
/// A row that says more than is on the disk is set back; bytes that no open row speaks of are removed. What is kept where other servers reach it
/// (<see cref="UploadPieces"/>) is not missing when it is not on this disk.
/// </summary>
internal sealed partial class UploadRecovery(ICatalog catalog, UploadShelf shelf, ChunkTurns turns, ILogger<UploadRecovery> logger)
{
    /// <summary>Runs once, before the first request.</summary>
    /// <param name="isAlone">No other server shares the catalog; else an upload without a byte here comes to another one.</param>
    /// <param name="ct">Cancels it.</param>
    public async Task RunAsync(bool isAlone, CancellationToken ct)
    {
        var open = await catalog.OpenUploadsAsync(ct);
        var wanted = open.SelectMany(u => u.Parts.Append(u.Id)).ToHashSet();
        var here = shelf.List().ToHashSet();
        foreach (var id in here.Where(id => !wanted.Contains(id)))
        {
            Log.NobodysBytes(logger, id);
            shelf.Delete(id);
        }

        foreach (var upload in open.Where(u => (isAlone || here.Contains(u.Id)) && u is { IsComplete: false } or { Parts.Count: 0, ChunkCount: 0 }))
        {
            // Chunks that are here are of no use when another server goes on without them.
            if (upload.ChunkCount > 0 && await turns.TakeAsync(upload.Id, ct) != Taking.Taken)
            {
                continue;
            }

            // One that became a title just before the end has no bytes of its own any more.
            if (await catalog.FindAsync(upload.Id, ct) is null or { State: AssetState.Arriving })
            {
                await SetBackAsync(upload, ct);
            }
        }
    }

    private async Task SetBackAsync(Upload upload, CancellationToken ct)
    {
        var present = upload.ChunkCount > 0 ? shelf.Chunks(upload.Id).Sum(c => c.SizeBytes) : shelf.LengthOf(upload.Id);
        present = Math.Max(present, upload.SharedBytes);
        if (present < upload.OffsetBytes)
        {
            Log.BytesMissing(logger, upload.Id, present, upload.OffsetBytes);
            await catalog.UpdateUploadAsync(upload.Id, u => u with { OffsetBytes = present }, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Removing the bytes of the upload {Upload}: it has ended")]
        public static partial void NobodysBytes(ILogger logger, AssetId upload);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The upload {Upload} has {Present} bytes on the disk and {Told} in the catalog; it goes on from there")]
        public static partial void BytesMissing(ILogger logger, AssetId upload, long present, long told);
    }
}
