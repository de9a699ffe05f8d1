using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>Puts the store together from its configuration.</summary>
internal static class S3Setup
{
    /// <summary>The store. Nothing is asked yet.</summary>
    /// <param name="storage">Configured.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">For the store.</param>
    /// <exception cref="SetupException">Something is not configured.</exception>
    public static S3ObjectStore Open(StorageOptions storage, CheckedConnector connector, TimeProvider clock, ILogger<S3ObjectStore> logger)
    {
        var stages = new StageFolders(storage.Data, storage.ReserveBytes);
        var bucket = BucketOf(storage.S3, connector, clock);
        var blocks = (int)Math.Min(storage.S3.CacheBytes / BlockFetcher.BlockBytes, int.MaxValue);
        var objects = new S3Objects(bucket, new BlockCache(stages.NewPath("cache"), BlockFetcher.BlockBytes, blocks), clock);
        var layout = new S3Layout(storage.S3.Prefix, storage.IsShared() ? storage.ShortNodeName() : "");
        return new S3ObjectStore(bucket, layout, stages, objects, storage.S3.PartBytes, clock, logger, storage.IsShared());
    }

    /// <summary>The bucket. Nothing is asked yet.</summary>
    /// <exception cref="SetupException">Something is not configured.</exception>
    public static S3Bucket BucketOf(S3Options options, CheckedConnector connector, TimeProvider clock) => BucketOf(options, options.Bucket!, connector, clock);

    /// <summary>Another bucket of the same server. Nothing is asked yet.</summary>
    /// <exception cref="SetupException">Something is not configured.</exception>
    public static S3Bucket BucketOf(S3Options options, string name, CheckedConnector connector, TimeProvider clock) =>
        new(S3Client.Create(options, name, connector), name, clock);
}
