using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>Puts what was prepared for a title that exists into its place. Jobs come between the two steps: a title that is ready without them would
/// wait for its chunks for ever.</summary>
internal sealed class TitlePublishing(AssetDirectory assets, IObjectStore store, TimeProvider clock)
{
    /// <summary>Stores what was written; what the indexes refer to comes first.</summary>
    public async Task StoreAsync(AssetId asset, IObjectStage stage, PackageResult prepared, CancellationToken ct)
    {
        await StagedGathering.RunAsync(store, stage, asset, prepared.Renditions, ct);
        foreach (var key in prepared.ObjectsOf(asset).Where(k => File.Exists(stage.PathOf(k.Name))))
        {
            await store.PutAsync(key, stage.PathOf(key.Name), ct);
        }
    }

    /// <summary>Changes the row: from here on this is what is offered. Null when the title is not there any more.</summary>
    public Task<Asset?> OfferAsync(AssetId asset, PackageResult prepared, CancellationToken ct) => assets.UpdateAsync(
        asset,
        a => a with
        {
            State = prepared.State,
            Reason = prepared.Reason,
            Version = prepared.Version,
            DurationSeconds = prepared.DurationSeconds,
            Tracks = prepared.Tracks,
            Renditions = prepared.Renditions,
            Revision = a.Revision + 1,
            UpdatedAt = clock.GetUtcNow(),
        },
        ct);

    /// <summary>Says why a title does not play.</summary>
    public Task SayAsync(AssetId asset, AssetState state, string reason, CancellationToken ct) => assets.UpdateAsync(
        asset, a => a with { State = state, Reason = reason, Revision = a.Revision + 1, UpdatedAt = clock.GetUtcNow() }, ct);
}
