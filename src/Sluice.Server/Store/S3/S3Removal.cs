using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>Removes objects from the bucket. Those that are read just now are not found any more, and go when they were read.</summary>
internal sealed partial class S3Removal(S3Bucket bucket, S3Layout layout, S3Pending pending, ILogger logger)
{
    /// <summary>Objects that are removed at the same time.</summary>
    private const int MostAtATime = 8;

    /// <summary>Removes an asset; nothing happens when there is none.</summary>
    public async Task DeleteAsync(AssetId id, S3Asset asset, CancellationToken ct)
    {
        if (!await asset.IsCommittedAsync(ct) && !await pending.HasAsync(id, ct))
        {
            return;
        }

        await pending.AddAsync(id, ct);
        await bucket.RemoveAsync(layout.CommittedOf(id), ct);
        asset.Gone(); // What is put from here on removes itself again.
        var names = new List<string>();
        await foreach (var found in bucket.ListAsync(layout.FolderOf(id), null, ct))
        {
            names.Add(found.Name);
        }

        await RemoveAsync(id, asset, names, ct);
        await EndAsync(id, asset, ct);
    }

    /// <summary>Removes objects of an asset.</summary>
    /// <param name="id">The asset.</param>
    /// <param name="asset">What is known of it.</param>
    /// <param name="names">Their names in the bucket.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RemoveAsync(AssetId id, S3Asset asset, IEnumerable<string> names, CancellationToken ct) => await Parallel.ForEachAsync(
        names,
        new ParallelOptions { MaxDegreeOfParallelism = MostAtATime, CancellationToken = ct },
        async (name, token) =>
        {
            var free = new TaskCompletionSource();
            asset.Doom(NameOf(name), free.SetResult);
            if (free.Task.IsCompleted)
            {
                await RemoveAsync(asset, name, token);
            }
            else
            {
                _ = LaterAsync(id, asset, name, free.Task);
            }
        });

    private static string NameOf(string name) => name[(name.LastIndexOf('/') + 1)..];

    private async Task RemoveAsync(S3Asset asset, string name, CancellationToken ct)
    {
        // What is being put there now is not to go with what was there before.
        using var turn = await asset.Writing.TakeAsync(NameOf(name), ct);
        if (asset.IsDoomed(NameOf(name)))
        {
            await bucket.RemoveAsync(name, ct);
            asset.Removed(NameOf(name));
        }
    }

    private async Task LaterAsync(AssetId id, S3Asset asset, string name, Task free)
    {
        await free.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever closed the last reader goes on.
        try
        {
            await RemoveAsync(asset, name, CancellationToken.None);
            await EndAsync(id, asset, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Log.Left(logger, e, id, NameOf(name));
        }
    }

    private async Task EndAsync(AssetId id, S3Asset asset, CancellationToken ct)
    {
        if (asset.IsGone && !asset.HasDoomed)
        {
            await pending.RemoveAsync(id, ct);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} of {Asset} could not be removed from the object storage; it goes with its title, at the next start at the latest")]
        public static partial void Left(ILogger logger, Exception e, AssetId asset, string name);
    }
}
