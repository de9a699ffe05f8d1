using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace Sluice.Server.Store.S3;

/// <summary>Writes objects on the condition that nobody else has since they were looked at (<c>If-Match</c>, <c>If-None-Match</c>). Some servers know no such
/// condition, some know one of the two, and some take them and write all the same.</summary>
internal static class S3Conditions
{
    /// <summary>Writes a small object if it is as it was seen.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">Its name.</param>
    /// <param name="bytes">What it is to be.</param>
    /// <param name="contentType">What it is served as.</param>
    /// <param name="seenTag">Tag of what was seen; null when there was none.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">It cannot be written.</exception>
    public static Task<ConditionAnswer> PutAsync(S3Bucket bucket, string key, byte[] bytes, string contentType, string? seenTag, CancellationToken ct) => bucket.AskAsync(
        async token =>
        {
            using var content = new MemoryStream(bytes, writable: false);
            try
            {
                await bucket.Client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = bucket.Name,
                        Key = key,
                        InputStream = content,
                        AutoCloseStream = false,
                        UseChunkEncoding = false,
                        MD5Digest = S3Sums.Md5Of(bytes),
                        ContentType = contentType,
                        IfMatch = seenTag,
                        IfNoneMatch = seenTag is null ? "*" : null,
                    },
                    token);
                return ConditionAnswer.Written;
            }
            catch (AmazonS3Exception e) when (IsOthersTurn(e))
            {
                return ConditionAnswer.Refused;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented)
            {
                return ConditionAnswer.NotKnown;
            }
        },
        S3Upload.PartTime, ct);

    /// <summary>Tries out whether the server writes nothing when a condition does not hold; nothing stays behind.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="prefix">What comes before the name of the object that is tried with.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">That cannot be tried.</exception>
    public static async Task<bool> AreKeptAsync(S3Bucket bucket, string prefix, CancellationToken ct)
    {
        const string Type = "text/plain";
        var key = $"{prefix}trial-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        try
        {
            return await PutAsync(bucket, key, "one"u8.ToArray(), Type, null, ct) == ConditionAnswer.Written
                && await PutAsync(bucket, key, "two"u8.ToArray(), Type, null, ct) == ConditionAnswer.Refused
                && await bucket.FindAsync(key, ct) is { } there
                && await PutAsync(bucket, key, "three"u8.ToArray(), Type, there.ETag, ct) == ConditionAnswer.Written
                && await PutAsync(bucket, key, "four"u8.ToArray(), Type, there.ETag, ct) == ConditionAnswer.Refused;
        }
        finally
        {
            await bucket.RemoveAsync(key, ct);
        }
    }

    /// <summary>The condition does not hold, somebody else's write is under way, or what was seen has been removed.</summary>
    private static bool IsOthersTurn(AmazonS3Exception e) =>
        e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || S3Trouble.IsAbsent(e);
}

/// <summary>What came of a write by condition.</summary>
internal enum ConditionAnswer
{
    /// <summary>It was written.</summary>
    Written,

    /// <summary>The condition does not hold: nothing was.</summary>
    Refused,

    /// <summary>The server knows no such condition: nothing was.</summary>
    NotKnown,
}
