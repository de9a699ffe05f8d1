using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>
/// At the start: titles that were arriving when the process before ended go on doing so, as far as their bytes were told to be there. Those
/// whose upload or import has ended go.
/// </summary>
internal sealed class ArrivalRecovery(
    ICatalog catalog, IImportCatalog imports, AssetDirectory assets, ArrivalDesk desk, UploadPieces pieces, UploadShelf uploadShelf, ImportShelf importShelf)
{
    private const int Page = 500;

    /// <summary>Runs once, before the first request, when the uploads agree with their bytes.</summary>
    /// <param name="isAlone">No other server shares the catalog; else what has no bytes here arrives there.</param>
    /// <param name="ct">Cancels it.</param>
    public async Task RunAsync(bool isAlone, CancellationToken ct)
    {
        AssetId? after = null;
        IReadOnlyList<Asset> page;
        do
        {
            page = await catalog.ListAsync(after, Page, ct);
            after = page.Count > 0 ? page[^1].Id : null;
            foreach (var asset in page.Where(a => a.State == AssetState.Arriving && (isAlone || IsHere(a.Id))))
            {
                await SettleAsync(asset, ct);
            }
        }
        while (page.Count == Page);
    }

    private bool IsHere(AssetId id) => File.Exists(uploadShelf.PathOf(id)) || File.Exists(importShelf.PathOf(id));

    private async Task SettleAsync(Asset asset, CancellationToken ct)
    {
        if (await catalog.FindUploadAsync(asset.Id, ct) is { IsOpen: true } upload)
        {
            if (!pieces.AreHere(upload))
            {
                return; // It may have gone on at another server; it plays when it is whole.
            }

            desk.Resume(asset, uploadShelf.PathOf(asset.Id), ArrivalOf(asset, upload.LengthBytes), upload.OffsetBytes);
        }
        else if (await imports.FindImportAsync(asset.Id, ct) is { IsOpen: true, TotalBytes: { } total } import)
        {
            desk.Resume(asset, importShelf.PathOf(asset.Id), ArrivalOf(asset, total), Math.Min(import.Bytes, importShelf.LengthOf(asset.Id)));
        }
        else
        {
            await assets.RemoveAsync(asset.Id, ct);
        }
    }

    private static Arrival ArrivalOf(Asset asset, long bytes) =>
        new(asset.Origin, asset.FileName, bytes, asset.Title, asset.ExpiryMinutes, PackageWish.None);
}
