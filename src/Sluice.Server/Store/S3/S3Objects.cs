using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>Makes the ways to the bytes of objects, all through one cache: blocks on local disk, those that were read last.</summary>
/// <param name="bucket">Where the objects are.</param>
/// <param name="cache">The cache; owned.</param>
/// <param name="clock">The time.</param>
internal sealed class S3Objects(S3Bucket bucket, BlockCache cache, TimeProvider clock) : IDisposable
{
    /// <summary>Track indexes, chunks and all that is small are read in many places: they are fetched whole, if they are no larger than this.</summary>
    private const long WholeBytes = 16 << 20;

    /// <summary>Bits of a block's number; the object's stands above them.</summary>
    private const int BlockBits = 32;

    private long _last;

    /// <summary>An object that is known from here on.</summary>
    public S3Object New(S3Listed at) => new(at, Blocks);

    /// <inheritdoc />
    public void Dispose() => cache.Dispose();

    private BlockFile Blocks(S3Listed at) =>
        new(new S3BlockFetch(bucket, at, clock), cache, Interlocked.Increment(ref _last) << BlockBits, IsMedia(at.Name) ? 0 : WholeBytes);

    /// <summary>Of these, what is fetched is what was asked for, and what follows.</summary>
    private static bool IsMedia(string name) => name.EndsWith("/source", StringComparison.Ordinal)
        || name.EndsWith("/remux", StringComparison.Ordinal) || name.EndsWith(".dat", StringComparison.Ordinal);
}
