using System.Buffers.Binary;

namespace Sluice.Media.Remux;

/// <summary>An ID3 tag (version 2.3 or 2.4), as far as segments of packed audio need one (RFC 8216 section 3.4).</summary>
internal static class Id3Tag
{
    public const int HeaderBytes = 10;

    /// <summary>Tags hold a time, and now and then a picture.</summary>
    public const int MostBytes = 1 << 20;

    private const int FrameHeaderBytes = 10;

    /// <summary>Bytes of the whole tag that begins here, its header included; 0 when none does.</summary>
    public static int SizeOf(ReadOnlySpan<byte> bytes) => bytes.Length < HeaderBytes || !bytes.StartsWith("ID3"u8)
        ? 0
        : HeaderBytes + SyncSafe(bytes[6..]) + ((bytes[5] & 0x10) != 0 ? HeaderBytes : 0);

    /// <summary>The time that the first sample after the tag has: 90 kHz, 33 bits, the same clock as in MPEG-TS; null when the tag
    /// does not say.</summary>
    /// <param name="tag">The whole tag.</param>
    public static long? TimestampOf(ReadOnlySpan<byte> tag)
    {
        var isFourth = tag.Length >= HeaderBytes && tag[3] >= 4;
        for (var rest = tag[Math.Min(HeaderBytes, tag.Length)..]; rest.Length >= FrameHeaderBytes;)
        {
            var size = isFourth ? SyncSafe(rest[4..]) : (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(rest[4..]));
            if (size > rest.Length - FrameHeaderBytes)
            {
                return null;
            }

            var owner = "com.apple.streaming.transportStreamTimestamp\0"u8;
            var body = rest.Slice(FrameHeaderBytes, size);
            if (rest.StartsWith("PRIV"u8) && body.StartsWith(owner) && body.Length >= owner.Length + 8)
            {
                return (long)(BinaryPrimitives.ReadUInt64BigEndian(body[owner.Length..]) & ((1UL << 33) - 1));
            }

            rest = rest[(FrameHeaderBytes + size)..];
        }

        return null;
    }

    /// <summary>28 bits in four bytes.</summary>
    private static int SyncSafe(ReadOnlySpan<byte> bytes) =>
        ((bytes[0] & 0x7F) << 21) | ((bytes[1] & 0x7F) << 14) | ((bytes[2] & 0x7F) << 7) | (bytes[3] & 0x7F);
}
