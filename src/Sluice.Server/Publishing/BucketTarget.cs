using System.Security.Cryptography;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Publishing;

/// <summary>
/// A bucket of an S3 server as a place to publish to. Objects are there as a whole or not at all; each carries its MD5, which the storage compares with what
/// came, and its tag is compared with that afterwards.
/// </summary>
/// <param name="bucket">The bucket.</param>
/// <param name="prefix">What comes before all names: empty or ending in a slash.</param>
/// <param name="name">What people call it.</param>
internal sealed class BucketTarget(S3Bucket bucket, string prefix, string name) : IPublishTarget
{
    /// <summary>The list of playlists and the records are read; with a million titles they are not as large.</summary>
    private const long MostReadBytes = 64 << 20;

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public bool CanRemove => true;

    /// <summary>What one request may have (5 GB), less than which one array holds.</summary>
    public long MostBytes => int.MaxValue;

    /// <inheritdoc />
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct)
    {
        var sum = SumOf(bytes.Span);
        using var content = new MemoryStream(bytes.ToArray(), writable: false);
        var tag = await bucket.PutAsync(prefix + name, content, Convert.ToBase64String(sum), contentType, ct);
        if (await bucket.FindAsync(prefix + name, ct) is not { } there || there.SizeBytes != bytes.Length || there.ETag != tag)
        {
            throw new PublishException(
                $"{Name} does not have {name} as it was sent.", "Look whether something else writes to the same place, and try again.", mayPass: true);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) =>
        await bucket.FindAsync(prefix + name, ct) is { } there && there.SizeBytes == bytes.Length
        && there.ETag.Trim('"').Equals(Convert.ToHexStringLower(SumOf(bytes.Span)), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc />
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct) => await bucket.ReadWholeAsync(prefix + name, MostReadBytes, ct);

    /// <inheritdoc />
    public async ValueTask RemoveAsync(string name, CancellationToken ct) => await bucket.RemoveAsync(prefix + name, ct);

    /// <summary>MD5: it is no secret's guard here, only a sum.</summary>
#pragma warning disable CA5351 // The one that S3 has.
    private static byte[] SumOf(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351
}
