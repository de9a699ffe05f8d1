using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>An object as the bucket lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="ETag">What tells its bytes from others, quoted.</param>
internal readonly record struct S3Listed(string Name, long SizeBytes, string ETag)
{
    /// <summary>The sum that came with it (<see cref="S3Sums.Metadata"/>); null when none did, or when it was only listed.</summary>
    public string? Sum { get; init; }

    /// <summary>When it was put there, by the storage's clock; null when it was not listed.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>What goes with an object that is sent.</summary>
/// <param name="Md5">Of its bytes, in Base64, which the storage compares; null compares nothing.</param>
/// <param name="Sum">What is kept as its <see cref="S3Sums.Metadata"/>; null keeps nothing.</param>
internal readonly record struct S3Sent(string? Md5, string? Sum);

/// <summary>
/// The requests that are sent to one bucket. Whatever goes wrong is a <see cref="SourceUnavailableException"/> with a sentence for a person; what may go better is tried
/// again before. Each request has a time limit of its own, and bodies one for their silence.
/// </summary>
/// <param name="client">Asks; owned.</param>
/// <param name="name">The bucket.</param>
/// <param name="clock">For the limits.</param>
internal sealed class S3Bucket(IAmazonS3 client, string name, TimeProvider clock) : IDisposable
{
    /// <summary>Requests for bytes at the same time.</summary>
    private const int MostReads = 32;

    private const int PageObjects = 1000;

    /// <summary>Bounds of what is read.</summary>
    public OutboundLimits Limits { get; init; } = BlockFetch.Limits;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What asks, for uploads.</summary>
    public IAmazonS3 Client => client;

    /// <summary>A turn for a request for bytes.</summary>
    public SemaphoreSlim Reads { get; } = new(MostReads);

    /// <summary>Bytes of an object, both inclusive, if it is still the one of that tag. What is read of the answer is as it was asked for, or reading fails.</summary>
    /// <exception cref="RemoteFileException">They cannot be had.</exception>
    public async Task<BlockAnswer> ReadAsync(S3Listed at, long from, long to, CancellationToken ct)
    {
        var total = new CancellationTokenSource(Limits.Total, clock);
        GetObjectResponse? response = null;
        try
        {
            var asked = new GetObjectRequest { BucketName = name, Key = at.Name, EtagToMatch = at.ETag, ByteRange = new ByteRange(from, to) };
            response = await WithinAsync(Limits.Header, token => client.GetObjectAsync(asked, token), ct);
            Require(response, at, from, to);
            return new BlockAnswer(new OutboundBody(response.ResponseStream, Limits, clock, total.Token), new Answer(response, total));
        }
        catch (Exception e)
        {
            response?.Dispose();
            total.Dispose();
            if (S3Trouble.Is(e, ct))
            {
                // All but a loss may go better another time, be it that somebody sets a key or a clock right.
                var isLoss = S3Trouble.IsLoss(e);
                throw new RemoteFileException(S3Trouble.Sentence(e), e) { MayPass = !isLoss, IsDoubted = isLoss };
            }

            throw;
        }
    }

    /// <summary>An object's size and tag; null when there is none.</summary>
    public Task<S3Listed?> FindAsync(string key, CancellationToken ct) => AskAsync<S3Listed?>(
        async token =>
        {
            try
            {
                var found = await client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = name, Key = key }, token);
                return new S3Listed(key, found.ContentLength, found.ETag) { Sum = found.Metadata[S3Sums.Metadata] };
            }
            catch (AmazonS3Exception e) when (S3Trouble.IsAbsent(e))
            {
                return null;
            }
        },
        ct);

    /// <summary>Objects whose names begin so. With a delimiter, of those that have it behind that only the part up to it, once, with a size of -1.</summary>
    public async IAsyncEnumerable<S3Listed> ListAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken ct)
    {
        string? token = null;
        do
        {
            var asked = new ListObjectsV2Request
            {
                BucketName = name,
                Prefix = prefix,
                Delimiter = delimiter,
                MaxKeys = PageObjects,
                ContinuationToken = token,
            };
            var page = await AskAsync(t => client.ListObjectsV2Async(asked, t), ct);
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new S3Listed(found.Key, found.Size ?? 0, found.ETag) { At = found.LastModified?.ToUniversalTime() };
            }

            foreach (var folder in page.CommonPrefixes ?? [])
            {
                yield return new S3Listed(folder, -1, "");
            }

            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (token is not null);
    }

    /// <summary>Puts an empty object there.</summary>
    public Task MarkAsync(string key, CancellationToken ct) => PutAsync(key, new MemoryStream(), null, default, ct);

    /// <summary>Puts an object there in one request, and answers its tag.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="bytes">It, from its beginning.</param>
    /// <param name="contentType">What it is served as; null leaves that to the storage.</param>
    /// <param name="sums">What goes with it.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<string> PutAsync(string key, MemoryStream bytes, string? contentType, S3Sent sums, CancellationToken ct)
    {
        var asked = new PutObjectRequest
        {
            BucketName = name,
            Key = key,
            InputStream = bytes,
            AutoCloseStream = false,
            AutoResetStreamPosition = true,
            UseChunkEncoding = false,
            MD5Digest = sums.Md5,
            ContentType = contentType,
        };
        if (sums.Sum is { } sum)
        {
            asked.Metadata[S3Sums.Metadata] = sum;
        }

        return (await AskAsync(token => client.PutObjectAsync(asked, token), S3Upload.PartTime, ct)).ETag;
    }

    /// <summary>An object whole; null when there is none.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="mostBytes">A larger one is refused.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<byte[]?> ReadWholeAsync(string key, long mostBytes, CancellationToken ct)
    {
        return await FindAsync(key, ct) is { } there ? await ReadWholeAsync(there, mostBytes, ct) : null;
    }

    /// <summary>An object whole, if it is still the one of that tag.</summary>
    public async Task<byte[]> ReadWholeAsync(S3Listed there, long mostBytes, CancellationToken ct)
    {
        if (there.SizeBytes == 0 || there.SizeBytes > mostBytes)
        {
            return there.SizeBytes == 0 ? [] : throw new SourceUnavailableException("An object is larger than one of its kind can be.");
        }

        try
        {
            await using var answer = await ReadAsync(there, 0, there.SizeBytes - 1, ct);
            var bytes = new byte[there.SizeBytes];
            await answer.Body.ReadExactlyAsync(bytes, ct);
            return bytes;
        }
        catch (Exception e) when (e is RemoteFileException or OutboundException or EndOfStreamException)
        {
            throw new SourceUnavailableException(e is RemoteFileException ? e.Message : "The object storage broke off its answer.", e);
        }
    }

    /// <summary>Removes an object; nothing happens when it is not there. One at a time: some servers know no request for many.</summary>
    public Task RemoveAsync(string key, CancellationToken ct) =>
        AskAsync(token => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = name, Key = key }, token), ct);

    /// <summary>Makes sure that there is such a bucket and that it may be listed.</summary>
    public Task RequireAsync(CancellationToken ct) =>
        AskAsync(token => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = name, MaxKeys = 1 }, token), ct);

    /// <summary>Sends a request that is neither for bytes nor brings any.</summary>
    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken ct) => AskAsync(ask, Limits.Header * 2, ct);

    /// <summary>The same, with another time limit.</summary>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            return await WithinAsync(limit, ask, ct);
        }
        catch (Exception e) when (S3Trouble.Is(e, ct))
        {
            throw new SourceUnavailableException(S3Trouble.Sentence(e), e);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        client.Dispose();
        Reads.Dispose();
    }

    private async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        using var up = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, up.Token);
        return await ask(both.Token);
    }

    /// <summary>An answer that is not these bytes of this object is as bad as none.</summary>
    private static void Require(GetObjectResponse response, S3Listed at, long from, long to)
    {
        var due = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{at.SizeBytes}");
        if (response.HttpStatusCode != HttpStatusCode.PartialContent || response.ContentRange != due || response.ContentLength != to + 1 - from)
        {
            throw new RemoteFileException("The object storage answered with other bytes than those that were asked for.") { MayPass = true };
        }

        if (response.ETag != at.ETag)
        {
            throw new RemoteFileException("The object storage answered with another state of the object.") { MayPass = true };
        }
    }

    private sealed class Answer(GetObjectResponse response, CancellationTokenSource total) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            response.Dispose();
            total.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
