using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Bit rates as HLS defines them (RFC 8216 section 4.3.4.2), from exact sizes.</summary>
public static class BitRates
{
    /// <summary>
    /// The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations, in bits per second, rounded
    /// up. When no run does (a title of one short segment) it is that of the whole.
    /// </summary>
    public static long Peak(IReadOnlyList<SegmentEntry> entries, uint timescale, long targetTicks)
    {
        long peak = 0;
        for (var first = 0; first < entries.Count; first++)
        {
            long bytes = 0, ticks = 0;
            for (var i = first; i < entries.Count; i++)
            {
                bytes += entries[i].SizeBytes;
                ticks += entries[i].Timing.DurationTicks;
                if (2 * ticks > 3 * targetTicks && i > first)
                {
                    break;
                }

                if (2 * ticks >= targetTicks)
                {
                    peak = Math.Max(peak, Rate(bytes, ticks, timescale));
                }
            }
        }

        return peak > 0 ? peak : Average(entries, timescale);
    }

    /// <summary>All bytes over all time, in bits per second, rounded up.</summary>
    public static long Average(IReadOnlyList<SegmentEntry> entries, uint timescale) =>
        Rate(entries.Sum(e => e.SizeBytes), entries.Sum(e => e.Timing.DurationTicks), timescale);

    private static long Rate(long bytes, long ticks, uint timescale) =>
        ticks <= 0 ? 0 : Ticks.Rescale(bytes * 8, ticks, timescale) + 1;
}
