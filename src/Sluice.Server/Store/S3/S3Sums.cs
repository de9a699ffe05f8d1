using System.Security.Cryptography;

namespace Sluice.Server.Store.S3;

/// <summary>Sums of what is put into buckets.</summary>
internal static class S3Sums
{
    /// <summary>Name of the metadata in which an object carries the SHA-256 of its bytes: its tag is no sum of them where the server encrypts (SSE-KMS).</summary>
    public const string Metadata = "sluice-sha256";

    /// <summary>MD5 in Base64, which the storage compares with what came: it is no secret's guard here, only a sum.</summary>
    public static string Md5Of(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(RawMd5Of(bytes));

    /// <summary>The tag that most servers give an object of these bytes that came in one request, without quotes.</summary>
    public static string UsualTagOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(RawMd5Of(bytes));

    /// <summary>SHA-256 in hexadecimal digits, for <see cref="Metadata"/>.</summary>
    public static string Sha256Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

#pragma warning disable CA5351 // The one that S3 has.
    private static byte[] RawMd5Of(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351
}
