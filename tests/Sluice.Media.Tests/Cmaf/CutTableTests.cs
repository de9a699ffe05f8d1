using Shouldly;
using Sluice.Media.Cmaf;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>The arithmetic of cuts (correctness.md A.6, A.9, A.11).</summary>
public sealed class CutTableTests
{
    [Fact]
    public void Due_counts_from_the_last_cut()
    {
        var cuts = CutTable.Leading(1000, 4, 500);

        cuts.IsDue(4499, 0).ShouldBeFalse();
        cuts.IsDue(4500, 0).ShouldBeTrue();
        cuts.Cut(6000);
        cuts.IsDue(9999, 0).ShouldBeFalse();
        cuts.IsDue(9999, 1).ShouldBeTrue(); // One frame early counts.
        cuts.IsDue(10_000, 0).ShouldBeTrue();
    }

    [Fact]
    public void A_follower_takes_the_leaders_boundaries_rescaled()
    {
        SegmentTiming[] leader = [new(0, 3003), new(3003, 3003), new(6006, 3003)];
        var cuts = CutTable.Following(48_000, 4, 0, 9 * 48_000, leader, 1000);

        Boundaries(cuts, 0, 9 * 48_000).ShouldBe([144_144, 288_288]);
    }

    [Fact]
    public void A_boundary_that_falls_between_two_ticks_is_rounded_once()
    {
        SegmentTiming[] leader = [.. Enumerable.Range(0, 1000).Select(n => new SegmentTiming(n * 1001L, 1001))];
        var cuts = CutTable.Following(44_100, 4, 0, 2_000_000, leader, 24_000);

        Boundaries(cuts, 0, 1_839_000).ShouldBe(
            Enumerable.Range(1, 999).Select(n => (long)Math.Round((decimal)n * 1001 * 44_100 / 24_000, MidpointRounding.AwayFromZero)));
    }

    [Fact]
    public void Long_stretches_are_divided_evenly_and_none_exceeds_the_target_by_more_than_half_a_second()
    {
        for (long length = 1; length < 40_000; length += 97)
        {
            SegmentTiming[] leader = [new(0, length), new(length, 1000)];
            var cuts = CutTable.Following(1000, 4, 0, length + 1000, leader, 1000);
            long[] boundaries = [0, .. Boundaries(cuts, 0, length + 1000), length + 1000];

            var pieces = boundaries.Zip(boundaries.Skip(1), (a, b) => b - a).ToArray();
            pieces.Max().ShouldBeLessThanOrEqualTo(4500);
            boundaries.ShouldContain(length);
            if (length > 4500)
            {
                pieces[..^1].Max().ShouldBeLessThanOrEqualTo(pieces[..^1].Min() + 2000);
            }
        }
    }

    [Fact]
    public void A_follower_that_starts_late_ignores_the_boundaries_before_it()
    {
        SegmentTiming[] leader = [new(0, 2000), new(2000, 2000), new(4000, 2000)];
        var cuts = CutTable.Following(1000, 2, 2500, 6000, leader, 1000);

        Boundaries(cuts, 2500, 6000).ShouldBe([4000]);
    }

    private static List<long> Boundaries(CutTable cuts, long start, long end)
    {
        var found = new List<long>();
        cuts.Cut(start);
        for (var t = start + 1; t < end; t++)
        {
            if (cuts.FollowsHere(t))
            {
                found.Add(t);
                cuts.Cut(t);
            }
        }

        return found;
    }
}
