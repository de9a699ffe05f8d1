using System.Buffers.Binary;

namespace Sluice.Media.IsoBmff;

/// <summary>A box header (ISO/IEC 14496-12 section 4.2).</summary>
/// <param name="Type">The box type.</param>
/// <param name="SizeBytes">Size with the header; 0 means "to the end of what holds it".</param>
/// <param name="HeaderBytes">8, 16 with a 64-bit size, plus 16 for a <c>uuid</c>.</param>
public readonly record struct BoxHeader(FourCc Type, long SizeBytes, int HeaderBytes)
{
    /// <summary>Bytes that the longest header takes.</summary>
    public const int MaxBytes = 32;

    /// <summary>Reads the header at the start of <paramref name="bytes"/>; false when it is cut off or its size is
    /// smaller than itself.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BoxHeader header)
    {
        header = default;
        if (bytes.Length < 8)
        {
            return false;
        }

        long size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var type = FourCc.Read(bytes[4..]);
        var headerBytes = 8;
        if (size == 1)
        {
            if (bytes.Length < 16)
            {
                return false;
            }

            var large = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
            if (large > long.MaxValue)
            {
                return false;
            }

            size = (long)large;
            headerBytes = 16;
        }

        if (type == Uuid)
        {
            headerBytes += 16;
        }

        if (size != 0 && size < headerBytes)
        {
            if (type != Free)
            {
                return false;
            }

            size = headerBytes; // Padding that some writer measured wrongly; nothing is lost by stepping over it.
        }

        header = new BoxHeader(type, size, headerBytes);
        return true;
    }

    private static readonly FourCc Uuid = "uuid";
    private static readonly FourCc Free = "free";
}
