using Shouldly;
using Sluice.Server.Live;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>Lengths from times, wherever those begin and in whatever order they come.</summary>
public sealed class SegmentSpanTests
{
    private const long Frame = 3600;
    private const long Wrap = 1L << 33;

    [Theory]
    [InlineData(0)]
    [InlineData(900_000)]
    [InlineData(Wrap - (10 * Frame))]
    public void Pictures_in_any_order_and_over_the_wrap(long start)
    {
        var span = new SegmentSpan();
        span.Begin(TimeSpan.FromSeconds(9));
        foreach (var n in new[] { 0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11, 24, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 })
        {
            span.Add((start + (n * Frame)) % Wrap);
        }

        span.Duration.TotalSeconds.ShouldBe(1, 0.0001);
    }

    [Fact]
    public void Without_times_it_is_what_the_source_says()
    {
        var span = new SegmentSpan();
        span.Begin(TimeSpan.FromSeconds(9));

        span.Duration.ShouldBe(TimeSpan.FromSeconds(9));
        span.Cut(0).ShouldBeNull();
    }

    [Fact]
    public void A_cut_takes_the_last_place_and_leaves_the_rest()
    {
        var span = new SegmentSpan();
        span.Begin(default);
        for (var n = 0; n < 60; n++)
        {
            span.Add(n * Frame);
            if (n % 25 == 0)
            {
                span.AddPoint(n * 1000, n * Frame);
            }
        }

        var cut = span.Cut(0).ShouldNotBeNull();
        (cut.Position, cut.Before).ShouldBe((50_000, TimeSpan.FromSeconds(2)));
        span.CutAt(cut.PtsTicks);
        span.Duration.TotalSeconds.ShouldBe(10 / 25.0, 0.001);
        span.Cut(50_000).ShouldBeNull();
    }
}
