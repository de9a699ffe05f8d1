using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Outbound;

namespace Sluice.Server.Ingest.Imports;

/// <summary>A download with as many attempts as it takes: only those in a row that bring nothing new are counted.</summary>
internal sealed partial class ImportTransfer(
    ImportAttempt attempt, IImportCatalog catalog, ImportLedger ledger, TimeProvider clock, ILogger<ImportTransfer> logger)
{
    /// <summary>What another server may ask us to wait.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Downloads until all is there.</summary>
    /// <exception cref="OutboundException">It came to nothing.</exception>
    /// <exception cref="ImportFailedException">It came to nothing.</exception>
    public async Task<Import> RunAsync(Import import, CancellationToken ct)
    {
        var most = import.Bytes;
        var failures = 0;
        while (true)
        {
            Exception failure;
            TimeSpan? after = null;
            try
            {
                return await attempt.RunAsync(import, ct);
            }
            catch (OutboundException e) when (e.MayPass)
            {
                failure = e;
            }
            catch (ImportFailedException e) when (e.MayPass)
            {
                (failure, after) = (e, e.After);
            }

            import = await catalog.FindImportAsync(import.Id, ct) is { IsOpen: true } now ? now : throw new OperationCanceledException();
            failures = import.Bytes > most ? 0 : failures;
            most = Math.Max(most, import.Bytes);
            if (!RetryDelay.MayFollow(failures))
            {
                throw failure;
            }

            var pause = RetryDelay.After(failures++, Random.Shared.NextDouble());
            pause = after > pause ? (after < LongestWait ? after.Value : LongestWait) : pause;
            Log.Again(logger, import.Id, failure.Message, pause);
            await ledger.UpdateAsync(import.Id, old => old with { Reason = $"{failure.Message} It is tried again." }, ct);
            await Task.Delay(pause, clock, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Import {Import}: {Reason} Next attempt in {Pause}")]
        public static partial void Again(ILogger logger, AssetId import, string reason, TimeSpan pause);
    }
}
