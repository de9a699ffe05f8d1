using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff.Boxes;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Edit lists reduced to a shift and two bounds, or refused with a reason (correctness.md A.1).</summary>
public sealed class TrackTimelineTests
{
    private const int Normal = 0x10000;

    [Fact]
    public void Without_a_list_nothing_moves()
    {
        From(null).ToPresentation(1234).ShouldBe(1234);
        From([]).HasStart.ShouldBeFalse();
    }

    [Fact]
    public void A_media_time_is_presented_at_zero() =>
        From([new(5000, 1024, Normal)]).ShouldBe(new TrackTimeline(1024, 1024 + (5 * 48_000), 0));

    [Fact]
    public void A_leading_empty_edit_delays_in_movie_ticks()
    {
        var timeline = From([new(500, -1, Normal), new(5000, 1024, Normal)]);

        timeline.DelayTicks.ShouldBe(24_000);
        timeline.ToPresentation(1024).ShouldBe(24_000);
    }

    [Fact]
    public void Several_leading_empty_edits_add_up() =>
        From([new(500, -1, Normal), new(250, -1, Normal), new(1000, 0, Normal)]).DelayTicks.ShouldBe(36_000);

    [Fact]
    public void An_empty_edit_alone_only_delays() =>
        From([new(500, -1, Normal)]).ShouldBe(new TrackTimeline(long.MinValue, long.MaxValue, 24_000));

    [Fact]
    public void A_trailing_empty_edit_changes_nothing() =>
        From([new(5000, 0, Normal), new(700, -1, Normal)]).ShouldBe(From([new(5000, 0, Normal)]));

    [Fact]
    public void A_duration_of_zero_means_to_the_end() =>
        From([new(0, 2048, Normal)]).ShouldBe(new TrackTimeline(2048, long.MaxValue, 0));

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    public void A_duration_beyond_all_bounds_means_to_the_end(ulong duration) =>
        From([new(duration, 2048, Normal)]).EndTicks.ShouldBe(long.MaxValue);

    [Fact]
    public void Pieces_that_touch_are_one()
    {
        From([new(1000, 0, Normal), new(2000, 48_000, Normal)]).ShouldBe(new TrackTimeline(0, 3 * 48_000, 0));
        From([new(1000, 0, Normal), new(2000, 48_047, Normal)]).EndTicks.ShouldBe(48_047 + 96_000); // Within one movie tick.
    }

    [Theory]
    [InlineData(48_100)]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Pieces_that_do_not_touch_are_refused(long second) =>
        Refusal([new(1000, 0, Normal), new(2000, second, Normal)]).ShouldContain("2 separate pieces");

    [Fact]
    public void Another_rate_is_refused() => Refusal([new(1000, 0, 2 * Normal)]).ShouldContain("playback speed");

    [Fact]
    public void A_negative_media_time_that_is_not_minus_one_is_refused() =>
        Refusal([new(1000, -2, Normal)]).ShouldContain("damaged");

    [Fact]
    public void Numbers_at_their_limits_do_not_throw()
    {
        // 1 + long.MaxValue wraps; the distance to the next edit must not be taken of the wrapped number.
        foreach (var media in (long[])[0, 1, 2, long.MaxValue - 1, long.MaxValue])
        {
            foreach (var next in (long[])[0, 1, 2, long.MaxValue - 1, long.MaxValue])
            {
                TrackTimeline.From([new(ulong.MaxValue, media, Normal), new(1, next, Normal)], 1, uint.MaxValue, out _)
                    .EndTicks.ShouldBeGreaterThan(0);
            }
        }
    }

    [Fact]
    public void A_movie_timescale_of_zero_is_refused()
    {
        TrackTimeline.From([new(1000, 0, Normal)], 0, 48_000, out var problem);
        problem.ShouldNotBeNull().ShouldContain("timescale is zero");
    }

    private static TrackTimeline From(EditEntry[]? edits)
    {
        var timeline = TrackTimeline.From(edits, 1000, 48_000, out var problem);
        problem.ShouldBeNull();
        return timeline;
    }

    private static string Refusal(EditEntry[] edits)
    {
        TrackTimeline.From(edits, 1000, 48_000, out var problem);
        return problem.ShouldNotBeNull();
    }
}
