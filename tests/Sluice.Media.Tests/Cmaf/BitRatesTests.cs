using Shouldly;
using Sluice.Media.Cmaf;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Peak and average against the definition, tried out on every run of segments (correctness.md A.14).</summary>
public sealed class BitRatesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Peak_and_average_are_those_of_brute_force(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var entries = Random(random);
            var target = Math.Max(1, entries.Max(e => e.Timing.DurationTicks) * random.Next(30, 200) / 100);

            BitRates.Peak(entries, 1000, target).ShouldBe(ReferencePeak(entries, 1000, target));
            BitRates.Average(entries, 1000).ShouldBe(Rate(entries, 1000));
        }
    }

    [Fact]
    public void The_peak_is_never_below_what_any_whole_segment_needs()
    {
        List<SegmentEntry> entries = [Entry(4000, 1000), Entry(4000, 9000), Entry(4000, 1000)];

        BitRates.Peak(entries, 1000, 4000).ShouldBe(18_001);
        BitRates.Average(entries, 1000).ShouldBe(7334); // 88000 bits in 12 s, rounded up.
    }

    [Fact]
    public void A_title_of_one_short_segment_has_its_own_rate() =>
        BitRates.Peak([Entry(100, 1000)], 1000, 4000).ShouldBe(80_001);

    [Fact]
    public void Hostile_durations_take_no_quadratic_time()
    {
        // One segment of 30 days makes the target so long that every run of the million short ones fits into it.
        List<SegmentEntry> entries = [Entry(30L * 24 * 3600 * 1000, 1)];
        entries.AddRange(Enumerable.Range(0, 1_000_000).Select(n => Entry(1, 1 + (n % 7))));

        var watch = System.Diagnostics.Stopwatch.StartNew();
        BitRates.Peak(entries, 1000, 30L * 24 * 3600 * 1000).ShouldBeGreaterThan(0);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    private static List<SegmentEntry> Random(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Entry(random.Next(1, 6000), random.Next(1, 100_000)))];

    private static SegmentEntry Entry(long durationTicks, long sizeBytes) =>
        new(new SegmentTiming(0, durationTicks), sizeBytes, 0, 0, 0);

    /// <summary>RFC 8216 section 4.3.4.2 word by word; a single segment counts however long it is.</summary>
    private static long ReferencePeak(List<SegmentEntry> entries, uint timescale, long target)
    {
        long peak = 0;
        for (var first = 0; first < entries.Count; first++)
        {
            for (var count = 1; first + count <= entries.Count; count++)
            {
                var run = entries.GetRange(first, count);
                var ticks = run.Sum(e => e.Timing.DurationTicks);
                if (2 * ticks >= target && (2 * ticks <= 3 * target || count == 1))
                {
                    peak = Math.Max(peak, Rate(run, timescale));
                }
            }
        }

        return peak > 0 ? peak : Rate(entries, timescale);
    }

    private static long Rate(List<SegmentEntry> run, uint timescale) => (long)Math.Round(
        (decimal)run.Sum(e => e.SizeBytes) * 8 * timescale / run.Sum(e => e.Timing.DurationTicks), MidpointRounding.AwayFromZero) + 1;
}
