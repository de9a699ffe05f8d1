using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Outbound;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Where imports are asked for and called off. <see cref="ImportRunner"/> does them.</summary>
internal sealed class ImportDesk(
    IImportCatalog catalog,
    ImportLedger ledger,
    ImportTurns turns,
    ImportShelf shelf,
    ArrivalDesk arrivals,
    SluiceOptions options,
    TimeProvider clock)
{
    /// <summary>Asks for a download. The same URL is downloaded once at a time: the answer may be an import that is open already.</summary>
    /// <exception cref="IntakeRefusedException">Too many are waiting.</exception>
    public Task<Import> AddAsync(OutboundUrl url, string? title, int? minutes, CancellationToken ct) =>
        AddAsync(new ImportWish(ImportKind.Url, url.Secret, url.ToString()) { Title = title, ExpiryMinutes = minutes }, ct);

    /// <summary>Asks for a download of any kind. The same source is downloaded once at a time: the answer may be an import that is open already.</summary>
    /// <exception cref="IntakeRefusedException">Too many are waiting.</exception>
    public async Task<Import> AddAsync(ImportWish wish, CancellationToken ct)
    {
        var open = await catalog.OpenImportsAsync(wish.Kind, ct);
        if (open.Count >= options.Ingest.MaxUnfinished)
        {
            throw new IntakeRefusedException(
                ErrorCode.ImportsFull, $"{open.Count} imports have not ended yet, and there may be {options.Ingest.MaxUnfinished} (ingest.maxUnfinished).");
        }

        var now = clock.GetUtcNow();
        var import = await catalog.AddImportAsync(
            new Import
            {
                Id = AssetId.New(),
                Kind = wish.Kind,
                Source = wish.Source,
                Shown = wish.Shown,
                Title = wish.Title,
                ExpiryMinutes = wish.ExpiryMinutes,
                FileName = wish.FileName,
                TotalBytes = wish.TotalBytes,
                CreatedAt = now,
                UpdatedAt = now,
            },
            ct);
        ledger.Tell(import);
        turns.Ring(import.Kind);
        return import;
    }

    /// <summary>Whether this process works on an import.</summary>
    public bool IsTaken(AssetId id) => turns.IsTaken(id);

    /// <summary>Calls off an import; one that has ended is forgotten.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> RemoveAsync(AssetId id, CancellationToken ct)
    {
        if (await catalog.FindImportAsync(id, ct) is not { } import)
        {
            return false;
        }

        if (!import.IsOpen)
        {
            return await catalog.RemoveImportAsync(id, ct);
        }

        // The row first: should this process end here, nobody begins it again.
        await ledger.EndAsync(id, JobState.Cancelled, null);
        turns.Cancel(id);
        if (!turns.IsTaken(id))
        {
            await arrivals.EndAsync(id);
            shelf.Delete(id);
        }

        return true;
    }
}
