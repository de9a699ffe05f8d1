using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.S3;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using PutObjectRequest = Amazon.S3.Model.PutObjectRequest;

namespace Sluice.Server.Publishing;

/// <summary>
/// A bucket of an S3 server as a place to publish to. Objects are there as a whole or not at all; each carries its MD5, which the storage compares with what
/// came, and its tag is compared with that afterwards.
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
        var tag = await bucket.PutAsync(prefix + name, content, Convert.ToBase64String(SumOf(bytes.Span)), contentType, ct);
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
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct) => (await SeeAsync(prefix + name, ct))?.Bytes;

    /// <inheritdoc />
    public ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct) => ChangeRounds.RunAsync(
        Name, name, change, () => SeeAsync(prefix + name, ct), (bytes, seen) => ReplaceAsync(prefix + name, bytes, contentType, seen, ct), clock, ct);

    /// <inheritdoc />
    public async ValueTask RemoveAsync(string name, CancellationToken ct) => await bucket.RemoveAsync(prefix + name, ct);

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
    private Task ReplaceAsync(string key, byte[] bytes, string contentType, Seen? seen, CancellationToken ct) => bucket.AskAsync(
        async token =>
        {
            using var content = Content(bytes);
            var asked = new PutObjectRequest
            {
                BucketName = bucket.Name,
                Key = key,
                InputStream = content,
                AutoCloseStream = false,
                UseChunkEncoding = false,
                MD5Digest = Convert.ToBase64String(SumOf(bytes)),
                ContentType = contentType,
                IfMatch = seen?.ETag,
                IfNoneMatch = seen is null ? "*" : null,
            };
            try
            {
                await bucket.Client.PutObjectAsync(asked, token);
            }
            catch (AmazonS3Exception e) when (IsOthersTurn(e))
            {
                return false;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented)
            {
                (asked.IfMatch, asked.IfNoneMatch, content.Position) = (null, null, 0);
                await bucket.Client.PutObjectAsync(asked, token);
            }

            return true;
        },
        S3Upload.PartTime, ct);

    /// <summary>The condition does not hold, somebody else's write is under way, or what was read has been removed.</summary>
    private static bool IsOthersTurn(AmazonS3Exception e) =>
        e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || S3Trouble.IsAbsent(e);

    private static MemoryStream Content(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    /// <summary>MD5: it is no secret's guard here, only a sum.</summary>
#pragma warning disable CA5351 // The one that S3 has.
    private static byte[] SumOf(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    private sealed record Seen(byte[] Bytes, string ETag) : IFileState;
}
