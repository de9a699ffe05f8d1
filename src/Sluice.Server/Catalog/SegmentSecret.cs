using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Catalog;

/// <summary>What the keys of an asset's encrypted segments are made from. Each track has a key of its own: segments of the same number have the same
/// initialization vector, and must not have the same key.</summary>
internal sealed class SegmentSecret : IEquatable<SegmentSecret>
{
    /// <summary>What this encryption is called in the API: RFC 8216 section 4.3.2.4, METHOD=AES-128.</summary>
    public const string Method = "aes-128";

    private const int KeyBytes = 16;

    /// <param name="bytes">32 random bytes.</param>
    public SegmentSecret(byte[] bytes)
    {
        Bytes = bytes;
        Print = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
    }

    /// <summary>As the catalog keeps it.</summary>
    public byte[] Bytes { get; }

    /// <summary>Tells it from others, and nothing else about it.</summary>
    public string Print { get; }

    /// <summary>A new one.</summary>
    public static SegmentSecret New() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The key of one track's segments: 16 bytes.</summary>
    /// <param name="track">Its name in URLs.</param>
    public byte[] KeyOf(string track) => HMACSHA256.HashData(Bytes, Encoding.UTF8.GetBytes(track))[..KeyBytes];

    /// <inheritdoc />
    public bool Equals(SegmentSecret? other) => other is not null && CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SegmentSecret);

    /// <inheritdoc />
    public override int GetHashCode() => Print.GetHashCode(StringComparison.Ordinal);
}
