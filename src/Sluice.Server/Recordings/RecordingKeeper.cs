using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Recordings;

/// <summary>
/// Makes a title of what was recorded, also when the server that recorded it is no more.
/// <code>
/// imports/{id} → whole packets → admit (<see cref="Admission"/>) → done
///                                  └ trouble: wait, again      └ refused, or trouble for an hour: failed, with the reason;
///                                    full disk: wait, again      the file is set aside
/// </code>
/// A download can be repeated, hours of a channel cannot: nothing that was recorded is deleted before there is a title of it.
/// </summary>
internal sealed partial class RecordingKeeper(
    IImportCatalog catalog,
    AssetDirectory assets,
    ImportLedger ledger,
    ImportShelf shelf,
    IObjectStore store,
    Admission admission,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<RecordingKeeper> logger)
{
    private const int PacketBytes = 188;

    /// <summary>What its owner is told while it waits for its next attempt, the disk not being full.</summary>
    private const string Trouble =
        "it cannot be made a title now, the log of the server tells why; what was recorded is kept, and it is tried again by itself";

    /// <summary>Why it was given up.</summary>
    private const string GivenUp = "It could not be made a title, again and again; the log of the server tells why.";

    /// <summary>Attempts that may fail: with these pauses that is an hour. As many again to say so; then it is for the next server. A full disk is waited for
    /// as long as it is full.</summary>
    private const int MostAttempts = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(8);

    /// <summary>Keeps one.</summary>
    /// <param name="id">Of the recording and of the title.</param>
    /// <param name="remark">What its owner should know of how it ended; null when there is nothing.</param>
    /// <param name="stopping">The server is stopped: the next one goes on.</param>
    public async Task KeepAsync(AssetId id, string? remark, CancellationToken stopping)
    {
        string? problem = null;
        var (pause, attempts, isIn) = (FirstPause, 0, false);
        while (true)
        {
            string waitsFor;
            try
            {
                var bytes = shelf.LengthOf(id) / PacketBytes * PacketBytes;
                await ledger.UpdateAsync(id, old => old.IsOpen ? old with { State = JobState.Running, Reason = null, Bytes = bytes, TotalBytes = bytes } : old, stopping);
                problem ??= await AdmitAsync(id, bytes, stopping); // Refused once is refused; it may be set aside already.
                isIn = problem is null;
                await (problem is null ? EndAsync(id, remark) : LeaveAsync(id, problem));
                return;
            }
            catch (IOException e) when (DiskFull.Is(e))
            {
                Log.DiskFull(logger, id);
                (waitsFor, pause) = (DiskFull.Reason, FirstPause);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                Log.Broke(logger, e, id);
                waitsFor = Trouble;
                if (++attempts == MostAttempts && !isIn)
                {
                    problem = GivenUp;
                    continue;
                }

                if (attempts == 2 * MostAttempts)
                {
                    Log.Left(logger, id);
                    return;
                }
            }

            await WaitAsync(id, waitsFor, pause, stopping);
            pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
        }
    }

    private async Task WaitAsync(AssetId id, string reason, TimeSpan pause, CancellationToken stopping)
    {
        try
        {
            await ledger.UpdateAsync(id, old => old.IsOpen ? old with { State = JobState.Queued, Reason = reason } : old, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Log.Broke(logger, e, id); // What broke before may have been the catalog.
        }

        await Task.Delay(pause, clock, stopping);
    }

    private async Task<string?> AdmitAsync(AssetId id, long bytes, CancellationToken ct)
    {
        if (await assets.FindAsync(id, ct) is not null)
        {
            return null; // A process that was killed did it, and could not say so any more.
        }

        if (bytes == 0)
        {
            shelf.Delete(id);
            return "Nothing came while it was recorded.";
        }

        if (await catalog.FindImportAsync(id, ct) is not { } row)
        {
            return "It was forgotten before it was a title.";
        }

        using (shelf.OpenAt(id, bytes))
        {
            // A process that was killed may have left half a packet, which goes.
        }

        await using var stage = store.Stage(id);
        await FileTwin.MakeAsync(shelf.PathOf(id), stage.PathOf("source"), store, ct);
        var arrival = new Arrival("recording", UploadFields.FileName(row.FileName), bytes, row.Title, null, PackageWish.None)
        {
            IsDurable = options.Ingest.Durable,
        };
        var result = await admission.AdmitAsync(stage, id, arrival, ct);
        return result.Asset is null ? result.Detail ?? result.Error!.Title : null;
    }

    private async Task EndAsync(AssetId id, string? remark)
    {
        await ledger.EndAsync(id, JobState.Done, remark);
        shelf.Delete(id);
        Log.Ended(logger, id, remark);
    }

    /// <summary>It becomes no title. The file first: one that is on the shelf when its row has ended is removed at the next start.</summary>
    private async Task LeaveAsync(AssetId id, string problem)
    {
        var reason = shelf.SetAside(id, ".ts") is { } place
            ? $"{problem.TrimEnd('.')}. The file is kept: {place} in the data folder."
            : problem;
        await ledger.UpdateAsync(
            id,
            old => old.IsOpen ? old.Ended(JobState.Failed, reason, clock.GetUtcNow()) : old with { Reason = reason },
            CancellationToken.None);
        Log.Refused(logger, id, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Recording {Recording} is a title. {Remark}")]
        public static partial void Ended(ILogger logger, AssetId recording, string? remark);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Recording {Recording} becomes no title: {Reason}")]
        public static partial void Refused(ILogger logger, AssetId recording, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Recording {Recording} waits to become a title: the disk is full")]
        public static partial void DiskFull(ILogger logger, AssetId recording);

        [LoggerMessage(Level = LogLevel.Error, Message = "Recording {Recording} is left as it is; it is tried again at the next start")]
        public static partial void Left(ILogger logger, AssetId recording);

        [LoggerMessage(Level = LogLevel.Error, Message = "Recording {Recording} cannot become a title now; tried again in a moment")]
        public static partial void Broke(ILogger logger, Exception e, AssetId recording);
    }
}
