using System.Buffers.Binary;

namespace Sluice.Media.Hls;

/// <summary>EXT-X-KEY (RFC 8216 section 4.3.2.4). Where several with different KEYFORMAT apply, the one that can be used.</summary>
/// <param name="Method">METHOD, never NONE.</param>
/// <param name="Uri">Where the key is; null when that is not said.</param>
/// <param name="Iv">IV, big-endian; null stands for the media sequence number.</param>
/// <param name="Format">KEYFORMAT; <c>identity</c> is a key in the plain.</param>
public sealed record HlsKey(string Method, string? Uri, UInt128? Iv, string Format)
{
    /// <summary>Bytes of a key and of an initialization vector.</summary>
    public const int Bytes = 16;

    internal const string Identity = "identity";

    /// <summary>Why this cannot be decrypted, in words for a person; null when it can.</summary>
    public string? Problem => this switch
    {
        { Format: not Identity } => $"its keys come from a DRM system ({Format})",
        { Method: not "AES-128" } => $"it is encrypted with {Method}, not with AES-128",
        { Uri: null } => "it is encrypted, and where the key is is not said",
        _ => null,
    };

    /// <summary>Writes the initialization vector of a segment.</summary>
    /// <param name="sequence">Its media sequence number, the vector when no other is given (section 5.2).</param>
    /// <param name="iv">16 bytes.</param>
    public void WriteIv(long sequence, Span<byte> iv) => BinaryPrimitives.WriteUInt128BigEndian(iv, Iv ?? (UInt128)sequence);
}
