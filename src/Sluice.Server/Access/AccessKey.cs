using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Access;

/// <summary>Keys that people keep: 256 random bits, shown once, kept only as a SHA-256. A slow hash would add nothing
/// to 256 random bits.</summary>
internal static class AccessKey
{
    /// <summary>Longest key that is looked at; what we make is shorter.</summary>
    private const int LongestKey = 256;

    /// <summary>A new key, <c>{prefix}_{43 characters}</c>.</summary>
    public static string New(string prefix) =>
        $"{prefix}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    /// <summary>What is stored of a key.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether <paramref name="key"/> is the one hashed; takes the same time whichever byte differs.</summary>
    public static bool Matches(string key, ReadOnlySpan<byte> hash) =>
        key.Length is > 0 and <= LongestKey && CryptographicOperations.FixedTimeEquals(Hash(key), hash);
}
