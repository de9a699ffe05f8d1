using Sluice.Media.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>PES packet header (ISO/IEC 13818-1 section 2.4.3.6).</summary>
internal static class PesHeader
{
    /// <summary>With a PTS alone.</summary>
    public const int ShortBytes = 14;

    /// <summary>With PTS and DTS.</summary>
    public const int LongBytes = 19;

    /// <summary>Where PES_packet_length stands, and how many bytes it does not count.</summary>
    public const int LengthAt = 4;

    /// <summary>Bytes of the packet that PES_packet_length does not count.</summary>
    public const int Uncounted = 6;

    private const byte AlignedPayload = 0x84;

    /// <summary>Writes the header with PES_packet_length 0, which video may keep.</summary>
    public static void Write(SpanWriter writer, byte streamId, long ptsTicks, long dtsTicks)
    {
        var hasDecodeTime = ((ptsTicks - dtsTicks) & TsPacket.ClockMask) != 0;
        writer.WriteUInt24(1);
        writer.WriteUInt8(streamId);
        writer.WriteUInt16(0);
        writer.WriteUInt8(AlignedPayload);
        writer.WriteUInt8((byte)(hasDecodeTime ? 0xC0 : 0x80));
        writer.WriteUInt8((byte)(hasDecodeTime ? 10 : 5));
        WriteTime(writer, hasDecodeTime ? 3 : 2, ptsTicks);
        if (hasDecodeTime)
        {
            WriteTime(writer, 1, dtsTicks);
        }
    }

    private static void WriteTime(SpanWriter writer, int prefix, long ticks)
    {
        writer.WriteUInt8((byte)((prefix << 4) | (int)((ticks >> 29) & 0xE) | 1));
        writer.WriteUInt16((ushort)(((ticks >> 14) & 0xFFFE) | 1));
        writer.WriteUInt16((ushort)(((ticks << 1) & 0xFFFE) | 1));
    }
}
