using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Ingest.Tus;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>Ends titles that are arriving, and with them the upload or import that brings them.</summary>
internal sealed class ArrivalEnding(ArrivalDesk desk, UploadDesk uploads, ImportDesk imports, AssetDirectory assets, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>A request of this server stops sooner; one at another server hears of it by the upload's row.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Gives up what brings a title, and waits until whoever received it has stopped.</summary>
    /// <returns>False when it has become a title like any other meanwhile.</returns>
    public async Task<bool> EndAsync(AssetId id, string reason, CancellationToken ct)
    {
        desk.GiveUp(id);
        await imports.RemoveAsync(id, ct);
        var since = clock.GetTimestamp();
        while (await assets.FindAsync(id, ct) is { } asset)
        {
            if (asset.State != AssetState.Arriving)
            {
                return false;
            }

            if ((await uploads.RemoveAsync(id, reason) || (clock.GetElapsedTime(since) > Patience && await uploads.RevokeAsync(id, reason))) && !imports.IsTaken(id))
            {
                await desk.EndAsync(id); // There may have been neither an upload nor an import any more.
            }

            await Task.Delay(Look, clock, ct);
        }

        return true;
    }
}
