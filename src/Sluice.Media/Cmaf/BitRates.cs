using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Bit rates as HLS defines them (RFC 8216 section 4.3.4.2), from exact sizes.</summary>
public static class BitRates
{
    /// <summary>
    /// The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations, in bits per second, rounded
    /// up. When no run does (a title of one short segment) it is that of the whole.
    /// </summary>
    /// <remarks>
    /// Trying out all runs takes quadratic time when one segment is long and the others are short. Dinkelbach's method
    /// takes a few linear passes instead: each looks for the run that beats the best rate so far by the most.
    /// </remarks>
    public static long Peak(IReadOnlyList<SegmentEntry> entries, uint timescale, long targetTicks)
    {
        var sums = new Sum[entries.Count + 1];
        for (var i = 0; i < entries.Count; i++)
        {
            sums[i + 1] = new Sum(sums[i].Bytes + entries[i].SizeBytes, sums[i].Ticks + entries[i].Timing.DurationTicks);
        }

        var candidates = new int[sums.Length];
        var best = new Sum(0, 1);
        while (Denser(sums, candidates, targetTicks, best) is { } better)
        {
            best = better;
        }

        return best.Bytes > 0 ? Rate(best.Bytes, best.Ticks, timescale) : Average(entries, timescale);
    }

    /// <summary>The target duration that a playlist states, EXT-X-TARGETDURATION, in ticks: the longest segment in whole
    /// seconds, rounded, at least one.</summary>
    /// <param name="longestTicks">The longest segment.</param>
    /// <param name="timescale">Ticks in a second.</param>
    public static long TargetTicks(long longestTicks, uint timescale) =>
        Math.Max(1, Ticks.Rescale(longestTicks, timescale, 1)) * timescale;

    /// <summary>All bytes over all time, in bits per second, rounded up.</summary>
    public static long Average(IReadOnlyList<SegmentEntry> entries, uint timescale) =>
        Rate(entries.Sum(e => e.SizeBytes), entries.Sum(e => e.Timing.DurationTicks), timescale);

    /// <summary>The allowed run that exceeds the rate of <paramref name="best"/> by the most bytes; null when none does.</summary>
    /// <param name="sums">Bytes and ticks before each segment, and those of all.</param>
    /// <param name="candidates">Room for the starts of runs, by falling use: a sliding-window minimum.</param>
    /// <param name="target">Target duration in ticks.</param>
    /// <param name="best">The rate to beat.</param>
    private static Sum? Denser(Sum[] sums, int[] candidates, long target, Sum best)
    {
        Int128 gain = 0;
        Sum? found = null;
        int head = 0, tail = 0, entering = 0;
        for (var end = 1; end < sums.Length; end++)
        {
            for (; entering < end && 2 * (sums[end].Ticks - sums[entering].Ticks) >= target; entering++)
            {
                while (tail > head && sums[candidates[tail - 1]].Above(best) >= sums[entering].Above(best))
                {
                    tail--;
                }

                candidates[tail++] = entering;
            }

            while (tail > head && 2 * (sums[end].Ticks - sums[candidates[head]].Ticks) > 3 * target && candidates[head] < end - 1)
            {
                head++;
            }

            if (tail > head && sums[end].Above(best) - sums[candidates[head]].Above(best) is var more && more > gain)
            {
                gain = more;
                found = new Sum(sums[end].Bytes - sums[candidates[head]].Bytes, sums[end].Ticks - sums[candidates[head]].Ticks);
            }
        }

        return found;
    }

    private static long Rate(long bytes, long ticks, uint timescale) =>
        ticks <= 0 ? 0 : Ticks.Rescale(bytes * 8, ticks, timescale) + 1;

    private readonly record struct Sum(long Bytes, long Ticks)
    {
        /// <summary>Bytes above what the rate of <paramref name="other"/> would give, times its ticks.</summary>
        public Int128 Above(Sum other) => ((Int128)Bytes * other.Ticks) - ((Int128)Ticks * other.Bytes);
    }
}
