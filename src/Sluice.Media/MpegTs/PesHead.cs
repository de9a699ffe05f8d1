namespace Sluice.Media.MpegTs;

/// <summary>The head of a PES packet as it comes (ISO/IEC 13818-1 section 2.4.3.6).</summary>
/// <param name="HeadBytes">Where the elementary stream begins.</param>
/// <param name="PtsTicks">90 kHz, 33 bits; null when it is not said.</param>
/// <param name="DtsTicks">90 kHz, 33 bits; that of presentation when it is not said.</param>
internal readonly record struct PesHead(int HeadBytes, long? PtsTicks, long? DtsTicks)
{
    private const int FixedBytes = 9;

    /// <summary>Whether a payload begins as a PES packet does, not as a section.</summary>
    public static bool IsPes(ReadOnlySpan<byte> payload) => payload.StartsWith((ReadOnlySpan<byte>)[0, 0, 1]);

    /// <summary>Reads it; false when it is not all there or none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out PesHead head)
    {
        head = default;
        if (payload.Length < FixedBytes || !IsPes(payload) || (payload[6] & 0xC0) != 0x80)
        {
            return false;
        }

        var bytes = FixedBytes + payload[8];
        long? pts = null, dts = null;
        if ((payload[7] & 0x80) != 0 && bytes >= 14 && payload.Length >= 14)
        {
            dts = pts = Time(payload[9..]);
        }

        if ((payload[7] & 0x40) != 0 && bytes >= 19 && payload.Length >= 19)
        {
            dts = Time(payload[14..]);
        }

        head = new PesHead(bytes, pts, dts);
        return true;
    }

    /// <summary>Moves the times in a payload of which this was read.</summary>
    /// <param name="payload">The same bytes.</param>
    /// <param name="offset">90 kHz, added to each time.</param>
    public void Restamp(Span<byte> payload, long offset)
    {
        if (PtsTicks is { } pts)
        {
            SetTime(payload[9..], pts + offset);
        }

        if ((payload[7] & 0x40) != 0 && HeadBytes >= 19 && payload.Length >= 19)
        {
            SetTime(payload[14..], DtsTicks!.Value + offset);
        }
    }

    /// <summary>Sets a time; its four prefix bits and the markers between stay.</summary>
    private static void SetTime(Span<byte> t, long ticks)
    {
        t[0] = (byte)((t[0] & 0xF1) | (int)((ticks >> 29) & 0xE));
        t[1] = (byte)(ticks >> 22);
        t[2] = (byte)((int)((ticks >> 14) & 0xFE) | 1);
        t[3] = (byte)(ticks >> 7);
        t[4] = (byte)(((int)(ticks << 1) & 0xFE) | 1);
    }

    private static long Time(ReadOnlySpan<byte> t) =>
        ((long)(t[0] & 0xE) << 29) | ((long)t[1] << 22) | ((long)(t[2] & 0xFE) << 14) | ((long)t[3] << 7) | (long)(t[4] >> 1);
}
