using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Sluice.Media.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>Time between timescales against arithmetic without bounds (correctness.md A.5).</summary>
public sealed class TicksTests
{
    [Fact]
    public void Rescale_is_the_nearest_integer_halves_away_from_zero()
    {
        Prop.ForAll<long, uint, uint>((value, from, to) =>
            Ticks.Rescale(value, from + 1L, to + 1L) == Reference(value, from + 1L, to + 1L)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(long.MaxValue, 1, uint.MaxValue)]
    [InlineData(long.MinValue, 1, uint.MaxValue)]
    [InlineData(long.MinValue, 3, 2)]
    [InlineData(long.MaxValue, uint.MaxValue, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(-1, 2, 1)]
    [InlineData(90_000L * 60 * 60 * 11, 90_000, 10_000_000)]
    public void Rescale_at_the_edges(long value, long from, long to) =>
        Ticks.Rescale(value, from, to).ShouldBe((long)Reference(value, from, to));

    [Fact]
    public void Rescaled_boundaries_neither_gap_nor_overlap()
    {
        // 1024-sample packets of 44.1 kHz on a 90 kHz clock: each boundary is at most half a tick off, for ever.
        for (long n = 0; n < 200_000; n += 7)
        {
            var boundary = Ticks.Rescale(n * 1024, 44_100, 90_000);
            Math.Abs((boundary * 44_100) - (n * 1024 * 90_000)).ShouldBeLessThanOrEqualTo(22_050);
        }
    }

    private static BigInteger Reference(long value, long from, long to)
    {
        var doubled = (BigInteger.Abs((BigInteger)value * to * 2) + from) / (2 * (BigInteger)from);
        var signed = value < 0 ? -doubled : doubled;
        return BigInteger.Min(long.MaxValue, BigInteger.Max(long.MinValue, signed));
    }
}
