using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Runs of plain packets: nearly all of a stream. They carry nothing but more of what has begun, so that whatever looks at packets can
/// look at a run of them at once.
/// <code>
///   S p p p p p p A p p p p S        S begins something, A has an adaptation field: both are looked at one by one
///     └────run────┘   └─run─┘
/// </code>
/// </summary>
public static class TsRun
{
    /// <summary>All of the header (ISO/IEC 13818-1 section 2.4.3.2) but the counter.</summary>
    private const uint AllButCounter = 0xFFFF_FFF0;

    /// <summary>transport_error_indicator, payload_unit_start_indicator, transport_scrambling_control, adaptation_field_control.</summary>
    private const uint Kind = 0x00C0_00F0;

    /// <summary>Neither broken nor scrambled, begins nothing, and is payload alone.</summary>
    private const uint Plain = 0x0000_0010;

    /// <summary>How many bytes at the front are plain packets of one PID, without one missing in between.</summary>
    /// <param name="packets">Whole packets of 188 bytes; at least one.</param>
    /// <returns>A multiple of 188; 0 when the first packet is not plain.</returns>
    public static int Length(ReadOnlySpan<byte> packets)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(packets);
        if ((first & Kind) != Plain)
        {
            return 0;
        }

        var (wanted, end) = (first, 0);
        do
        {
            end += TsPacket.Bytes;
            wanted = Next(wanted);
        }
        while (end + TsPacket.Bytes <= packets.Length && BinaryPrimitives.ReadUInt32BigEndian(packets[end..]) == wanted);

        return end;
    }

    private static uint Next(uint header) => (header & AllButCounter) | ((header + 1) & ~AllButCounter);
}
