using System.Threading.Channels;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>Told when objects of an asset were replaced by others that say the same, so that open files can be let go.</summary>
internal delegate void ObjectsReplaced(AssetId asset);

/// <summary>
/// Gathers the finely interleaved tracks of what was published, one asset at a time, after its answer is out. At every
/// start it looks for what an earlier process left, so nothing has to be remembered.
/// </summary>
internal sealed partial class Gatherer(
    AssetDirectory assets, IObjectStore store, ObjectsReplaced replaced, TimeProvider clock, ILogger<Gatherer> logger) : BackgroundService
{
    private const int Page = 500;

    /// <summary>Assets that may wait. What does not fit is served from where it lies until the next start finds it.</summary>
    private const int MostWaiting = 4096;

    /// <summary>Quiet time after a publication: its first viewers come first.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Channel<AssetId> _waiting = Channel.CreateBounded<AssetId>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>An asset was published; never blocks.</summary>
    public void Offer(AssetId asset)
    {
        if (!store.IsElsewhere)
        {
            _waiting.Writer.TryWrite(asset);
        }
    }

    /// <summary>Gathers what is worth it of one asset; answers the number of tracks.</summary>
    public async Task<int> GatherAsync(Asset asset, CancellationToken ct)
    {
        if (asset.State != AssetState.Ready)
        {
            return 0;
        }

        var gathered = 0;
        foreach (var rendition in asset.Renditions.Where(r => r is { Kind: "audio", IsEncoded: false }))
        {
            gathered += await GatherAsync(asset.Id, rendition.Id, ct) ? 1 : 0;
        }

        if (gathered > 0)
        {
            replaced(asset.Id);
            Log.Gathered(logger, asset.Id, gathered);
        }

        return gathered;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!store.IsElsewhere)
            {
                await GatherAllAsync(stoppingToken); // Elsewhere it was done before: see StagedGathering.
            }

            await foreach (var id in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await Task.Delay(Pause, clock, stoppingToken);
                await TryGatherAsync(id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is found at the next start.
        }
    }

    private async Task GatherAllAsync(CancellationToken ct)
    {
        AssetId? after = null;
        IReadOnlyList<Asset> page;
        do
        {
            page = await PageAsync(after, ct);
            foreach (var asset in page)
            {
                await TryGatherAsync(asset.Id, ct);
            }

            after = page.Count > 0 ? page[^1].Id : null;
        }
        while (page.Count == Page);
    }

    private async Task<IReadOnlyList<Asset>> PageAsync(AssetId? after, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await assets.ListAsync(after, Page, ct);
            }
            catch (CatalogUnreachableException)
            {
                await Task.Delay(Pause, clock, ct); // Whoever waits for the catalog says so; this can wait.
            }
        }
    }

    private async Task TryGatherAsync(AssetId id, CancellationToken ct)
    {
        try
        {
            if (await assets.FindAsync(id, ct) is { } asset)
            {
                store.Doubt(id, asset.Revision);
                await GatherAsync(asset, ct);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or CatalogUnreachableException)
        {
            // Removed meanwhile, or the disk or the catalog is failing: it is served from where it lies.
            Log.NotGathered(logger, e, id);
        }
    }

    private async Task<bool> GatherAsync(AssetId asset, string track, CancellationToken ct)
    {
        using var index = await store.OpenAsync(ObjectKey.Index(asset, track), ct);
        using var source = await store.OpenAsync(ObjectKey.Remux(asset), ct) ?? await store.OpenAsync(ObjectKey.Source(asset), ct);
        if (index is null || source is null)
        {
            return false;
        }

        var (payload, newIndex) = (ObjectKey.Gathered(asset, track), ObjectKey.Index(asset, track));
        IObjectStage? stage = null;
        try
        {
            if (!await TrackGathering.RunAsync(source, index, store.FreeBytes, Paths, ct))
            {
                return false;
            }

            // In this order: an index never refers to a file that is not there.
            await store.PutAsync(payload, stage!.PathOf(payload.Name), ct);
            await store.PutAsync(newIndex, stage.PathOf(newIndex.Name), ct);
            return true;
        }
        finally
        {
            await (stage?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        (string, string) Paths()
        {
            stage = store.Stage(asset);
            return (stage.PathOf(payload.Name), stage.PathOf(newIndex.Name));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Gathered {Count} finely interleaved tracks of {Asset}")]
        public static partial void Gathered(ILogger logger, AssetId asset, int count);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} is served as it lies: its tracks could not be gathered")]
        public static partial void NotGathered(ILogger logger, Exception e, AssetId asset);
    }
}
