using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Sluice.Media.Cmaf;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Chunks of a grid: every frame in one, none tiny, exact in ticks.</summary>
public sealed class VideoGridTests
{
    [Theory]
    [InlineData(24000, 1001, 24000, 1001)]
    [InlineData(30000, 1001, 30000, 1001)]
    [InlineData(25, 1, 10000, 400)]
    [InlineData(50, 2, 10000, 400)]
    [InlineData(60, 1, 10020, 167)]
    [InlineData(15, 2, 10005, 1334)]
    [InlineData(90000, 1, 90000, 1)]
    public void A_frame_takes_a_whole_number_of_ticks(long numerator, long denominator, uint timescale, uint frameTicks)
    {
        var grid = new VideoGrid(new Rational(numerator, denominator), 100, 10, 1);

        (grid.Timescale, grid.FrameTicks).ShouldBe((timescale, frameTicks));
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(9, new[] { 9 })]
    [InlineData(10, new[] { 10 })]
    [InlineData(14, new[] { 14 })]
    [InlineData(15, new[] { 10, 5 })]
    [InlineData(20, new[] { 10, 10 })]
    [InlineData(24, new[] { 10, 14 })]
    [InlineData(25, new[] { 10, 10, 5 })]
    public void A_short_rest_joins_the_last_chunk(int frames, int[] chunks)
    {
        var grid = new VideoGrid(new Rational(25, 1), frames, 10, 1);

        Enumerable.Range(1, grid.ChunkCount).Select(grid.FrameCountOf).ShouldBe(chunks);
    }

    [Fact]
    public void An_odd_number_of_frames_a_chunk_has_its_half_too() =>
        new VideoGrid(new Rational(25, 1), 7 + 3, 7, 1).ChunkCount.ShouldBe(1);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.021, 504)]
    [InlineData(0.0417, 1001)]
    public void A_picture_may_begin_between_two_frames(double phaseSeconds, long phaseTicks)
    {
        var rate = new Rational(24000, 1001);
        if (phaseTicks >= 1001)
        {
            Should.Throw<ArgumentOutOfRangeException>(() => new VideoGrid(rate, 20, 10, 1, phaseSeconds));
            return;
        }

        new VideoGrid(rate, 20, 10, 1, phaseSeconds).Timings().ShouldBe(
            [new SegmentTiming(24000 + phaseTicks, 10010), new SegmentTiming(24000 + phaseTicks + 10010, 10010)]);
    }

    [Fact]
    public void Chunks_cover_every_frame_and_touch_each_other()
    {
        var gen =
            from numerator in Gen.Choose(1, 120_000)
            from denominator in Gen.Choose(1, 1001)
            from frames in Gen.Choose(1, 100_000)
            from perChunk in Gen.Choose(1, 600)
            from origin in Gen.Choose(0, 10)
            select new VideoGrid(new Rational(numerator, denominator), frames, perChunk, origin);

        Prop.ForAll(gen.ToArbitrary(), grid =>
        {
            var timings = grid.Timings();
            timings.Length.ShouldBe(grid.ChunkCount);
            timings[0].StartTicks.ShouldBe(grid.OriginSeconds * grid.Timescale);
            timings.Sum(t => t.DurationTicks).ShouldBe(grid.FrameCount * grid.FrameTicks);
            timings.Skip(1).Select(t => t.StartTicks).ShouldBe(timings.SkipLast(1).Select(t => t.StartTicks + t.DurationTicks));
            (grid.Timescale * (Int128)grid.FrameRate.Denominator).ShouldBe(grid.FrameTicks * (Int128)grid.FrameRate.Numerator);
            grid.Timescale.ShouldBeGreaterThanOrEqualTo(10_000u);
            for (var n = 1; n < grid.ChunkCount; n++)
            {
                grid.FrameCountOf(n).ShouldBe(grid.FramesPerChunk);
            }

            if (grid.ChunkCount > 1)
            {
                (2 * grid.FrameCountOf(grid.ChunkCount)).ShouldBeInRange(grid.FramesPerChunk, 3 * grid.FramesPerChunk);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(25, 0, 1, 1)]
    [InlineData(25, 1, 0, 1)]
    [InlineData(25, 1, 1, -1)]
    [InlineData(-25, 1, 1, 1)]
    [InlineData(1L << 40, 1, 1, 1)]
    [InlineData(25, 1L << 40, 1, 1)]
    public void Numbers_out_of_range_are_refused(long rate, long frames, int perChunk, long origin) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new VideoGrid(new Rational(rate, 1), frames, perChunk, origin));

    [Fact]
    public void There_is_no_chunk_0_and_none_after_the_last()
    {
        var grid = new VideoGrid(new Rational(25, 1), 20, 10, 1);

        Should.Throw<ArgumentOutOfRangeException>(() => grid.Timing(0));
        Should.Throw<ArgumentOutOfRangeException>(() => grid.Timing(3));
        grid.FirstFrame(3).ShouldBe(20);
    }
}
