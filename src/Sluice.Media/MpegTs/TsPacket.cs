using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>One transport packet (ISO/IEC 13818-1 section 2.4.3.2).</summary>
internal static class TsPacket
{
    public const int Bytes = 188;

    /// <summary>Room after the four header bytes.</summary>
    public const int Room = 184;

    /// <summary>adaptation_field_length, flags and a program_clock_reference.</summary>
    public const int ClockFieldBytes = 8;

    /// <summary>adaptation_field_length and flags.</summary>
    public const int FlagsFieldBytes = 2;

    /// <summary>PCR, PTS and DTS count modulo this.</summary>
    public const long ClockMask = (1L << 33) - 1;

    private const byte Sync = 0x47;
    private const byte RandomAccessFlag = 0x40;
    private const byte ClockFlag = 0x10;

    /// <summary>Bytes that an adaptation field with these contents takes before any stuffing.</summary>
    public static int FieldBytes(bool isRandomAccess, long? clock) =>
        clock is not null ? ClockFieldBytes : isRandomAccess ? FlagsFieldBytes : 0;

    /// <summary>Writes a whole packet; the adaptation field is stuffed so that the payload ends with the packet.</summary>
    /// <param name="packet">188 bytes.</param>
    /// <param name="pid">13 bits.</param>
    /// <param name="counter">continuity_counter, its low four bits.</param>
    /// <param name="isStart">payload_unit_start_indicator.</param>
    /// <param name="isRandomAccess">random_access_indicator.</param>
    /// <param name="clock">PCR in 90 kHz ticks, or null.</param>
    /// <param name="payload">At most the room that is left; empty for a packet of an adaptation field alone.</param>
    public static void Write(
        Span<byte> packet, int pid, int counter, bool isStart, bool isRandomAccess, long? clock, ReadOnlySpan<byte> payload)
    {
        var fieldBytes = Room - payload.Length;
        packet[0] = Sync;
        packet[1] = (byte)((isStart ? 0x40 : 0) | (pid >> 8));
        packet[2] = (byte)pid;
        packet[3] = (byte)((fieldBytes > 0 ? 0x20 : 0) | (payload.IsEmpty ? 0 : 0x10) | (counter & 0xF));
        if (fieldBytes > 0)
        {
            WriteField(packet.Slice(4, fieldBytes), isRandomAccess, clock);
        }

        payload.CopyTo(packet[(4 + fieldBytes)..]);
    }

    private static void WriteField(Span<byte> field, bool isRandomAccess, long? clock)
    {
        field[0] = (byte)(field.Length - 1);
        if (field.Length == 1)
        {
            return;
        }

        field[1] = (byte)((isRandomAccess ? RandomAccessFlag : 0) | (clock is null ? 0 : ClockFlag));
        var used = FlagsFieldBytes;
        if (clock is { } ticks)
        {
            // 33 bits of base, 6 reserved ones, 9 bits of extension (always 0: our clock is 90 kHz).
            var value = ((ulong)(ticks & ClockMask) << 15) | (0x3F << 9);
            BinaryPrimitives.WriteUInt16BigEndian(field[2..], (ushort)(value >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(field[4..], (uint)value);
            used = ClockFieldBytes;
        }

        field[used..].Fill(0xFF);
    }
}
