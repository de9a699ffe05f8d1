using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Jobs;
using Sluice.Server.Nodes;
using Sluice.Server.Outbound;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Brings all bytes of an import onto the shelf that come from a swarm; as <see cref="ImportTransfer.RunAsync"/> does those of a server.</summary>
internal delegate Task<Import> SwarmTransfer(Import import, CancellationToken ct);

/// <summary>
/// Does the downloads, oldest first, some at a time; of torrents as many besides.
/// <code>
/// take → download (<see cref="ImportTransfer"/>) → admit (<see cref="Admission"/>) → done
///           └ no room: wait, go on        └ refused: failed, with the reason
/// </code>
/// A server that is stopped or killed goes on where it was: the row says how many bytes are safe, and a title of the import's own name that
/// it was done. Of several servers one does an import; when that is gone, another begins it anew, for the bytes lie where they came.
/// </summary>
internal sealed partial class ImportRunner(
    IImportCatalog catalog,
    AssetDirectory assets,
    ImportTransfer transfer,
    SwarmTransfer swarm,
    ImportTurns turns,
    Holds holds,
    ImportLedger ledger,
    ImportShelf shelf,
    IObjectStore store,
    Admission admission,
    ArrivalDesk arrivals,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<ImportRunner> logger) : BackgroundService
{
    private static readonly TimeSpan HistoryLife = TimeSpan.FromDays(7);
    private static readonly TimeSpan UntilNextLook = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenWatches = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await ClearShelfAsync(stoppingToken);
            var kinds = Enumerable.Repeat(ImportKind.Url, options.Ingest.MaxImports).Concat(Enumerable.Repeat(ImportKind.Torrent, options.Ingest.MaxImports));
            await Task.WhenAll(kinds.Select(kind => WorkAsync(kind, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest waits in the catalog.
        }
    }

    /// <summary>Deletes files that no import needs. Whatever the catalog does not answer for stays until the next start.</summary>
    private async Task ClearShelfAsync(CancellationToken ct)
    {
        try
        {
            foreach (var id in shelf.List())
            {
                // A recording that was called off becomes a title nevertheless.
                if (await catalog.FindImportAsync(id, ct) is not ({ IsOpen: true } or { Kind: ImportKind.Channel, State: JobState.Cancelled }))
                {
                    shelf.Delete(id);
                }
            }
        }
        catch (CatalogUnreachableException e)
        {
            Log.Failed(logger, e);
        }
    }

    private async Task WorkAsync(ImportKind kind, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                while (await WorkOnceAsync(kind, stopping))
                {
                }

                await turns.WaitAsync(kind, UntilNextLook, stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.Failed(logger, e);
                await Task.Delay(UntilNextLook, clock, stopping);
            }
        }
    }

    /// <summary>Does one import; false when there was none to do.</summary>
    private async Task<bool> WorkOnceAsync(ImportKind kind, CancellationToken stopping)
    {
        foreach (var import in await catalog.OpenImportsAsync(kind, stopping))
        {
            using var turn = turns.TryTake(import.Id);
            await using var hold = turn is null ? null : await holds.TryTakeAsync($"import {import.Id}", stopping);

            // Read anew: who had it before may have brought it to its end.
            if (turn is not null && hold is not null && await catalog.FindImportAsync(import.Id, stopping) is { IsOpen: true } now)
            {
                await RunAsync(now, turn, hold, stopping);
                return true;
            }
        }

        return false;
    }

    private async Task RunAsync(Import import, ImportTurn turn, Hold hold, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(options.Ingest.ImportMinutes), clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stopping, turn.Cancelled, limit.Token, hold.Lost);
        var watching = WatchAsync(import.Id, ends.Token);
        try
        {
            var problem = await BringAsync(import, ends.Token);
            await EndAsync(import.Id, problem is null ? JobState.Done : JobState.Failed, problem);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (CatalogUnreachableException)
        {
            throw; // No fault of the import, which goes on where it was.
        }
        catch (OperationCanceledException) when (hold.Lost.IsCancellationRequested)
        {
            await arrivals.LeaveAsync(import.Id); // Another server's, which says how it ends.
            shelf.Delete(import.Id);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await EndAsync(import.Id, JobState.Failed, $"It took longer than {options.Ingest.ImportMinutes} minutes (ingest.importMinutes).");
        }
        catch (OperationCanceledException)
        {
            await EndAsync(import.Id, JobState.Cancelled, null);
        }
        catch (Exception e) when (e is OutboundException or ImportFailedException)
        {
            await EndAsync(import.Id, JobState.Failed, e.Message);
        }
        catch (Exception e)
        {
            Log.Broke(logger, e, import.Id);
            await EndAsync(import.Id, JobState.Failed, ErrorCode.Internal.Title);
        }
        finally
        {
            await ends.CancelAsync();
            await watching;
        }
    }

    /// <summary>Whoever calls an import off may have asked another server.</summary>
    private async Task WatchAsync(AssetId id, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenWatches, clock, ct);
                if (await catalog.FindImportAsync(id, ct) is not { IsOpen: true })
                {
                    turns.Cancel(id);
                    return;
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(logger, e);
            }
        }
    }

    /// <summary>Brings an import to its end, however often the disk is full, or something else is in its way, meanwhile.</summary>
    /// <returns>Why it became no title; null when it did.</returns>
    private async Task<string?> BringAsync(Import import, CancellationToken ct)
    {
        while (await assets.FindAsync(import.Id, ct) is null or { State: AssetState.Arriving })
        {
            string reason;
            try
            {
                return await AdmitAsync(await (import.Kind == ImportKind.Torrent ? swarm(import, ct) : transfer.RunAsync(import, ct)), ct);
            }
            catch (IOException e) when (DiskFull.Is(e))
            {
                reason = DiskFull.Reason;
            }
            catch (Exception e) when (e is ImportWaitsException or MadeElsewhereException)
            {
                reason = e.Message;
            }

            Log.Waits(logger, import.Id, reason);
            import = await catalog.FindImportAsync(import.Id, ct) ?? throw new OperationCanceledException();
            await ledger.UpdateAsync(import.Id, old => old with { State = JobState.Queued, Reason = reason }, ct);
            await Task.Delay(UntilNextLook, clock, ct);
        }

        return null; // A process that was killed did it, and could not say so any more.
    }

    private async Task<string?> AdmitAsync(Import import, CancellationToken ct)
    {
        await arrivals.CloseAsync(import.Id);
        await using var stage = store.Stage(import.Id);
        await FileTwin.MakeAsync(shelf.PathOf(import.Id), stage.PathOf("source"), store, ct);
        var arrival = new Arrival("import", UploadFields.FileName(import.FileName), import.Bytes, import.Title, import.ExpiryMinutes, PackageWish.None)
        {
            IsDurable = options.Ingest.Durable,
        };
        var result = await admission.AdmitAsync(stage, import.Id, arrival, ct);
        return result.Reason;
    }

    private async Task EndAsync(AssetId id, JobState state, string? reason)
    {
        await arrivals.EndAsync(id);
        await ledger.EndAsync(id, state, reason);
        shelf.Delete(id);
        Log.Ended(logger, id, state, reason);
        await catalog.RemoveImportsAsync(clock.GetUtcNow() - HistoryLife, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Import {Import} ended: {State} {Reason}")]
        public static partial void Ended(ILogger logger, AssetId import, JobState state, string? reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Import {Import} waits: {Reason}")]
        public static partial void Waits(ILogger logger, AssetId import, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "Import {Import} failed")]
        public static partial void Broke(ILogger logger, Exception e, AssetId import);

        [LoggerMessage(Level = LogLevel.Error, Message = "Imports cannot be worked on now; tried again in a moment")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
