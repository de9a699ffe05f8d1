using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace Sluice.Server.Store.S3;

/// <summary>
/// Uploads files.
/// <code>
///   small   one request with the file's MD5, which the storage checks
///   large   parts, some at a time, each with its MD5, then put together; given up, its parts are removed
///   then    the tag of the answer is the file's MD5, or else what the bucket says of the object is compared with the file and the answer: size and tag
/// </code>
/// An object is there as a whole or not at all: S3 shows no halves.
/// </summary>
/// <param name="bucket">Where to.</param>
/// <param name="partBytes">Size of the parts.</param>
internal sealed class S3Upload(S3Bucket bucket, long partBytes) : IDisposable
{
    /// <summary>Parts and small files that are on their way at the same time, all uploads together.</summary>
    private const int MostAtATime = 4;

    /// <summary>Parts that S3 takes of one object.</summary>
    private const int MostParts = 10_000;

    /// <summary>A part that takes longer than this comes through no line that could be watched over.</summary>
    public static readonly TimeSpan PartTime = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _turns = new(MostAtATime);

    /// <summary>Uploads a file, and answers what the bucket has of it.</summary>
    /// <exception cref="SourceUnavailableException">It is not there, or not as it was sent.</exception>
    public Task<S3Listed> SendAsync(string key, string path, CancellationToken ct) => SendAsync(key, path, 0, new FileInfo(path).Length, null, ct);

    /// <summary>Uploads bytes of a file, and answers what the bucket has of them.</summary>
    /// <param name="key">Name of the object.</param>
    /// <param name="path">The file.</param>
    /// <param name="from">Where they begin.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="sum">What is kept as its <see cref="S3Sums.Metadata"/>; null keeps nothing.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">They are not there, or not as they were sent.</exception>
    public async Task<S3Listed> SendAsync(string key, string path, long from, long length, string? sum, CancellationToken ct)
    {
        var (tag, md5) = length > partBytes
            ? (await SendPartsAsync(key, path, from, length, sum, ct), (string?)null) : await SendWholeAsync(key, path, from, length, sum, ct);
        if (md5 is not null && IsSumOf(tag, md5))
        {
            return new S3Listed(key, length, tag) { Sum = sum }; // The bucket names the very bytes: there is nothing more to ask it.
        }

        if (await bucket.FindAsync(key, ct) is not { } there || there.SizeBytes != length || there.ETag != tag)
        {
            throw new SourceUnavailableException("The object storage has other bytes than were sent to it, or another server writes to the same place.");
        }

        return there;
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    /// <summary>Whether a tag is the MD5 of what was sent. It is not where the bucket encrypts what it keeps, and need not be anywhere.</summary>
    private static bool IsSumOf(string tag, string md5) =>
        string.Equals(tag.Trim('"'), Convert.ToHexStringLower(Convert.FromBase64String(md5)), StringComparison.OrdinalIgnoreCase);

    private async Task<(string Tag, string Md5)> SendWholeAsync(string key, string path, long from, long length, string? sum, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            var md5 = await HashAsync(path, from, length, ct);
            var sent = await bucket.AskAsync(
                async token =>
                {
                    await using var window = new FileWindow(File.OpenHandle(path), from, length);
                    var asked = new PutObjectRequest
                    {
                        BucketName = bucket.Name,
                        Key = key,
                        InputStream = window,
                        AutoCloseStream = false,
                        UseChunkEncoding = false,
                        MD5Digest = md5,
                    };
                    Keep(asked.Metadata, sum);
                    return await bucket.Client.PutObjectAsync(asked, token);
                },
                PartTime, ct);
            return (sent.ETag, md5);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static void Keep(MetadataCollection metadata, string? sum)
    {
        if (sum is not null)
        {
            metadata[S3Sums.Metadata] = sum;
        }
    }

    private async Task<string> SendPartsAsync(string key, string path, long from, long length, string? sum, CancellationToken ct)
    {
        var size = Math.Max(partBytes, (length + MostParts - 1) / MostParts);
        var initiated = new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key };
        Keep(initiated.Metadata, sum);
        var begun = await bucket.AskAsync(token => bucket.Client.InitiateMultipartUploadAsync(initiated, token), ct);
        try
        {
            var parts = Enumerable.Range(0, (int)((length + size - 1) / size));
            var sent = new PartETag[parts.Count()];
            await Parallel.ForEachAsync(
                parts,
                new ParallelOptions { MaxDegreeOfParallelism = MostAtATime, CancellationToken = ct },
                async (part, token) => sent[part] = await SendPartAsync(key, path, begun.UploadId, part, from + (part * size), Math.Min(size, length - (part * size)), token));
            var asked = new CompleteMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = begun.UploadId, PartETags = [.. sent] };
            var whole = await bucket.AskAsync(token => bucket.Client.CompleteMultipartUploadAsync(asked, token), PartTime, ct);
            return whole.ETag;
        }
        catch
        {
            await AbortAsync(key, begun.UploadId);
            throw;
        }
    }

    private async Task<PartETag> SendPartAsync(string key, string path, string upload, int part, long from, long count, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            var md5 = await HashAsync(path, from, count, ct);
            var sent = await bucket.AskAsync(
                token => bucket.Client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = bucket.Name,
                        Key = key,
                        UploadId = upload,
                        PartNumber = part + 1,
                        FilePath = path,
                        FilePosition = from,
                        PartSize = count,
                        UseChunkEncoding = false,
                        MD5Digest = md5,
                    },
                    token),
                PartTime, ct);
            return new PartETag(part + 1, sent.ETag);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>The parts take room, and are paid for, until they are removed.</summary>
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            var asked = new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = upload };
            await bucket.AskAsync(token => bucket.Client.AbortMultipartUploadAsync(asked, token), CancellationToken.None);
        }
        catch (SourceUnavailableException)
        {
            // Why the upload failed is what is told. A rule of the bucket for unfinished uploads removes them.
        }
    }

    /// <summary>MD5 of bytes of a file in Base64: it is no secret's guard here, only a sum.</summary>
    private static async Task<string> HashAsync(string path, long from, long count, CancellationToken ct)
    {
#pragma warning disable CA5351 // The one that S3 has.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        using var file = File.OpenHandle(path);
        var piece = new byte[256 * 1024];
        for (var at = 0L; at < count;)
        {
            var read = await RandomAccess.ReadAsync(file, piece.AsMemory(0, (int)Math.Min(piece.Length, count - at)), from + at, ct);
            if (read == 0)
            {
                throw new InvalidDataException("A staged file became shorter.");
            }

            hash.AppendData(piece.AsSpan(0, read));
            at += read;
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }
}
