using System.Security.Cryptography;

namespace Sluice.Server.Deliver;

/// <summary>Tells bytes from other bytes of the same name, in entity tags: two encodings of the same pictures need not be the same.</summary>
internal static class BytePrint
{
    private const int Bytes = 8;

    /// <summary>Of these bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => OfHash(SHA256.HashData(bytes));

    /// <summary>Of bytes whose SHA-256 is known.</summary>
    public static string OfHash(ReadOnlySpan<byte> sha256) => Convert.ToHexStringLower(sha256[..Bytes]);
}
