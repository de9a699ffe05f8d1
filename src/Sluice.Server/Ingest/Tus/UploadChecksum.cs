using System.Security.Cryptography;

namespace Sluice.Server.Ingest.Tus;

/// <summary>What a client says of the bytes of one request: <c>Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=</c>.</summary>
/// <param name="Algorithm">Which hash.</param>
/// <param name="Expected">Its value.</param>
internal sealed record UploadChecksum(HashAlgorithmName Algorithm, byte[] Expected)
{
    /// <summary>Algorithms, as <c>Tus-Checksum-Algorithm</c> lists them. SHA-1 is one that every server of the protocol has to know; it
    /// guards against accidents here, not against anybody.</summary>
    public const string Algorithms = "sha1,sha256";

    /// <summary>Reads a header; null when it is malformed or names another algorithm.</summary>
    public static UploadChecksum? TryRead(string header)
    {
        var parts = header.Split(' ');
        if (parts.Length != 2)
        {
            return null;
        }

        var (algorithm, size) = parts[0] switch
        {
            "sha1" => (HashAlgorithmName.SHA1, SHA1.HashSizeInBytes),
            "sha256" => (HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
            _ => (default, 0),
        };
        var expected = new byte[size];
        return size > 0 && Convert.TryFromBase64String(parts[1], expected, out var length) && length == size
            ? new UploadChecksum(algorithm, expected)
            : null;
    }
}
