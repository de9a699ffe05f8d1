namespace Sluice.Media.MpegTs;

/// <summary>Arithmetic of 90 kHz times that count modulo 2^33 (ISO/IEC 13818-1 section 2.4.3.7).</summary>
public static class TsClock
{
    /// <summary>Ticks in a second.</summary>
    public const int Rate = 90_000;

    private const int Bits = 33;
    private const int HasField = 0x20;

    /// <summary>How far <paramref name="to"/> lies behind <paramref name="from"/>, the short way round: at most half of 2^33.</summary>
    public static long Between(long from, long to)
    {
        var span = (to - from) & TsPacket.ClockMask;
        return span >> (Bits - 1) == 0 ? span : span - (TsPacket.ClockMask + 1);
    }

    /// <summary>PCR of a packet, 90 kHz; null when it has none.</summary>
    public static long? Of(ReadOnlySpan<byte> packet) =>
        (packet[3] & HasField) != 0 && new TsPacketHead(packet) is { IsBroken: false } head ? head.ClockTicks : null;

    /// <summary>The same as a duration.</summary>
    public static TimeSpan Span(long ticks) => TimeSpan.FromTicks(ticks * TimeSpan.TicksPerSecond / Rate);
}
