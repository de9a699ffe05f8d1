using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>
/// Gathers finely interleaved tracks in the stage, where the store is elsewhere: later all of the file would have to be fetched back for it
/// (<see cref="Gatherer"/> does it there where that costs nothing, and nobody waits for it).
/// </summary>
internal static class StagedGathering
{
    /// <summary>Gathers what is worth it of an asset whose objects are in a stage.</summary>
    /// <param name="store">Where the stage is committed to.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="asset">The asset.</param>
    /// <param name="renditions">What it offers.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task RunAsync(IObjectStore store, IObjectStage stage, AssetId asset, IEnumerable<Rendition> renditions, CancellationToken ct)
    {
        if (!store.IsElsewhere)
        {
            return;
        }

        var remux = stage.PathOf(ObjectKey.Remux(asset).Name);
        var media = File.Exists(remux) ? remux : stage.PathOf(ObjectKey.Source(asset).Name);
        foreach (var rendition in renditions.Where(r => r is { Kind: "audio", IsEncoded: false }))
        {
            var index = stage.PathOf(ObjectKey.Index(asset, rendition.Id).Name);
            if (File.Exists(media) && File.Exists(index))
            {
                await RunAsync(store, media, index, stage.PathOf(ObjectKey.Gathered(asset, rendition.Id).Name), ct);
            }
        }
    }

    private static async Task RunAsync(IObjectStore store, string media, string index, string payload, CancellationToken ct)
    {
        var gathered = index + ".new";
        var isGathered = false;
        try
        {
            using var source = new LocalObjectReader(media);
            using var old = new LocalObjectReader(index);
            isGathered = await TrackGathering.RunAsync(source, old, store.FreeBytes, () => (payload, gathered), ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            // It plays as it lies, too.
        }
        finally
        {
            if (!isGathered)
            {
                File.Delete(payload);
                File.Delete(gathered);
            }
        }

        if (isGathered)
        {
            File.Move(gathered, index, overwrite: true);
        }
    }
}
