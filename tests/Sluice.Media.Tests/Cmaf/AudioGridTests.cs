using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Cuts of encoded sound: on packets, nearest to the picture's, with the priming in chunk 1.</summary>
public sealed class AudioGridTests
{
    private static readonly VideoGrid Picture = new(new Rational(24000, 1001), 480, 144, 1); // 6.006, 6.006 and 8.008 s

    [Fact]
    public void Cuts_are_the_packets_nearest_to_the_picture()
    {
        var grid = AudioGrid.Following(48_000, 48_000L * 480 * 1001 / 24000, 1, 6, Picture.Timings(), Picture.Timescale);

        // 6.006 s are 281.53 packets, 12.012 s are 563.06, 20.02 s are 938.44.
        Cuts(grid).ShouldBe([-1, 282, 563, 939]);
        grid.FrameCount.ShouldBe(939);
    }

    [Fact]
    public void Priming_lies_before_the_origin_and_belongs_to_chunk_1()
    {
        var grid = AudioGrid.Following(48_000, 48_000 * 20, 2, 6, Picture.Timings(), Picture.Timescale);

        grid.StartTicks.ShouldBe(96_000);
        grid.Timing(1).StartTicks.ShouldBe(96_000 - 1024);
        grid.FrameCountOf(1).ShouldBe((int)grid.FirstFrame(2) + 1);
        grid.EndTicks.ShouldBe(96_000 + (938 * 1024));
    }

    [Theory]
    [InlineData(5.9, 1)]
    [InlineData(6.1, 2)]
    [InlineData(12.0, 2)]
    [InlineData(19.9, 3)]
    [InlineData(22.9, 3)]
    [InlineData(23.1, 4)]
    [InlineData(26.0, 4)]
    [InlineData(28.9, 4)]
    [InlineData(29.1, 5)]
    [InlineData(60.0, 10)]
    public void Sound_may_be_shorter_or_longer_than_the_picture(double seconds, int chunks) =>
        AudioGrid.Following(48_000, (long)(48_000 * seconds), 1, 6, Picture.Timings(), Picture.Timescale).ChunkCount.ShouldBe(chunks);

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(6, 1)]
    [InlineData(8.9, 1)]
    [InlineData(9.1, 2)]
    [InlineData(60, 10)]
    public void Sound_alone_is_cut_at_the_target(double seconds, int chunks) =>
        AudioGrid.Alone(44_100, (long)Math.Ceiling(44_100 * seconds), 1, 6).ChunkCount.ShouldBe(chunks);

    [Fact]
    public void A_long_segment_of_a_copied_picture_is_divided_evenly()
    {
        SegmentTiming[] copied = [new(90_000, 6 * 90_000), new(90_000 * 7, 30 * 90_000)];

        var grid = AudioGrid.Following(48_000, 48_000 * 36, 1, 6, copied, 90_000);

        // From packet 281 to the end, 1688: five pieces of 281 or 282 (1407 = 5 · 281.4).
        Cuts(grid).ShouldBe([-1, 281, 562, 843, 1125, 1406, 1688]);
    }

    [Fact]
    public void Every_packet_is_in_one_chunk_and_no_chunk_is_empty()
    {
        var gen =
            from rate in Gen.Elements(8_000, 22_050, 44_100, 48_000, 96_000)
            from samples in Gen.Choose(1, 100_000_000)
            from frames in Gen.Choose(1, 50_000)
            from perChunk in Gen.Choose(1, 300)
            from target in Gen.Choose(1, 20)
            select (Grid: AudioGrid.Following(rate, samples, 1, target, Leader(frames, perChunk).Timings(), Leader(frames, perChunk).Timescale),
                Leader: Leader(frames, perChunk), Samples: samples, Target: (long)Math.Round((double)target * rate / 1024));

        Prop.ForAll(gen.ToArbitrary(), t =>
        {
            var cuts = Cuts(t.Grid);
            var timings = t.Grid.Timings();
            cuts[0].ShouldBe(-1);
            cuts[^1].ShouldBe((t.Samples + 1023) / 1024);
            cuts.Zip(cuts.Skip(1), (a, b) => b - a).Min().ShouldBeGreaterThan(0);
            timings.Skip(1).Select(s => s.StartTicks).ShouldBe(timings.SkipLast(1).Select(s => s.StartTicks + s.DurationTicks));
            (timings[^1].StartTicks + timings[^1].DurationTicks).ShouldBe(t.Grid.EndTicks);

            // Within the picture no cut is further from one of its cuts than half a packet, but in long segments.
            var picture = t.Leader.Timings().Select(s => Ticks.Rescale(s.StartTicks + s.DurationTicks, t.Leader.Timescale, t.Grid.SampleRate)).ToList();
            if (t.Leader.FramesPerChunk * t.Grid.SampleRate / 25 / 1024 < t.Target)
            {
                timings.Skip(1).Select(s => s.StartTicks).Where(s => s < picture[^1] - 512)
                    .ShouldAllBe(s => picture.Min(p => Math.Abs(p - s)) <= 512);
            }

            cuts.Zip(cuts.Skip(1), (a, b) => b - a).Skip(1).ShouldAllBe(length => length <= Math.Max(3 * t.Target, 2));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_origin_without_room_for_the_priming_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => AudioGrid.Alone(48_000, 48_000, 0, 6));

    private static VideoGrid Leader(int frames, int perChunk) => new(new Rational(25, 1), frames, perChunk, 1);

    private static long[] Cuts(AudioGrid grid) => [.. Enumerable.Range(1, grid.ChunkCount + 1).Select(grid.FirstFrame)];
}
