using System.Runtime.InteropServices;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Publishing;

/// <summary>
/// A bucket of an S3 server as a place to publish to. Objects are there as a whole or not at all; with each comes its MD5, which the storage compares with what
/// came, and its SHA-256, which it keeps beside it. By that and by its size it is known again: its tag is a sum of its bytes at some servers only.
/// </summary>
/// <param name="bucket">The bucket.</param>
/// <param name="prefix">What comes before all names: empty or ending in a slash.</param>
/// <param name="clock">For the pauses.</param>
internal sealed class BucketTarget(S3Bucket bucket, string prefix, TimeProvider clock) : IPublishTarget
{
    /// <summary>The list of playlists and the records are read; with a million titles they are not as large.</summary>
    private const long MostReadBytes = 64 << 20;

    /// <summary>One answer that a file is not there, or was just replaced, is not the last word.</summary>
    private const int MostLooks = 3;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc />
    public string Name => Place;

    /// <inheritdoc />
    public string Place => $"s3://{bucket.Name}/{prefix}";

    /// <inheritdoc />
    public bool CanRemove => true;

    /// <summary>What one request may have (5 GB), less than which one array holds.</summary>
    public long MostBytes => int.MaxValue;

    /// <inheritdoc />
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct)
    {
        using var content = Content(bytes);
        var sum = S3Sums.Sha256Of(bytes.Span);
        var tag = await bucket.PutAsync(prefix + name, content, contentType, new S3Sent(S3Sums.Md5Of(bytes.Span), sum), ct);
        if (await bucket.FindAsync(prefix + name, ct) is not { } there || there.SizeBytes != bytes.Length || (there.Sum is null ? there.ETag != tag : there.Sum != sum))
        {
            throw new PublishException(
                $"{Name} does not have {name} as it was sent.", "Look whether something else writes to the same place, and try again.", mayPass: true);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) =>
        await bucket.FindAsync(prefix + name, ct) is { } there && there.SizeBytes == bytes.Length
        && (there.Sum is null
            ? there.ETag.Trim('"').Equals(S3Sums.UsualTagOf(bytes.Span), StringComparison.OrdinalIgnoreCase) // Sent by others, or by an earlier Sluice.
            : there.Sum == S3Sums.Sha256Of(bytes.Span));

    /// <inheritdoc />
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct) => (await SeeAsync(prefix + name, ct))?.Bytes;

    /// <inheritdoc />
    public ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct) => ChangeRounds.RunAsync(
        Name, name, change, () => SeeAsync(prefix + name, ct), (bytes, seen) => ReplaceAsync(prefix + name, bytes, contentType, seen, ct), clock, ct);

    /// <inheritdoc />
    public async ValueTask RemoveAsync(string name, CancellationToken ct) => await bucket.RemoveAsync(prefix + name, ct);

    /// <inheritdoc />
    public async ValueTask<bool> KeepsConditionsAsync(CancellationToken ct) => await S3Conditions.AreKeptAsync(bucket, prefix, ct);

    private async Task<Seen?> SeeAsync(string key, CancellationToken ct)
    {
        for (var looks = 1; ; looks++)
        {
            try
            {
                if (await bucket.FindAsync(key, ct) is { } there)
                {
                    return new Seen(await bucket.ReadWholeAsync(there, MostReadBytes, ct), there.ETag);
                }

                if (looks == MostLooks)
                {
                    return null;
                }
            }
            catch (SourceUnavailableException) when (looks < MostLooks)
            {
                // Replaced between the two requests, perhaps.
            }

            await Task.Delay(BetweenLooks, clock, ct);
        }
    }

    /// <summary>Writes, unless somebody else has since: then nothing is written, and the next round reads what he wrote. Servers that know no such condition write.</summary>
    private async Task ReplaceAsync(string key, byte[] bytes, string contentType, Seen? seen, CancellationToken ct)
    {
        if (await S3Conditions.PutAsync(bucket, key, bytes, contentType, seen?.ETag, ct) == ConditionAnswer.NotKnown)
        {
            using var content = Content(bytes);
            await bucket.PutAsync(key, content, contentType, new S3Sent(S3Sums.Md5Of(bytes), null), ct);
        }
    }

    private static MemoryStream Content(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private sealed record Seen(byte[] Bytes, string ETag) : IFileState;
}
