using Shouldly;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Where segments begin (correctness.md A.8 to A.11).</summary>
public sealed class CuttingTests
{
    [Fact]
    public void Cuts_at_the_first_keyframe_at_least_the_target_after_the_last_cut()
    {
        // One frame a second; keyframes at 0, 3, 5, 7, 12, 14.
        var track = Compile("IppIpIpIppppIp", target: 4);

        Starts(track).ShouldBe([0, 5, 12]);
    }

    [Fact]
    public void A_long_gap_does_not_bring_two_short_segments_after_it()
    {
        // A grid at 0, 4, 8… would cut at 9 and again at 12; counted from the last cut it is 9 and 13.
        var track = Compile("IppppppppIppIIpppp", target: 4);

        Starts(track).ShouldBe([0, 9, 13]);
    }

    [Fact]
    public void A_keyframe_a_hair_early_counts()
    {
        // 23.976 fps in a millisecond timescale: every 48th frame lies at 2002 ms; with rounding at 2001 or 2002.
        uint[] durations = [41, 42, 42, 42];
        var track = CompiledTrack.Compile(new Mp4Builder().Video(v => v.Scale(1000)
            .Frames(string.Concat(Enumerable.Repeat("I" + new string('p', 47), 5)))
            .Each((s, i) => s with { Duration = durations[i % 4] })).Source(), targetSeconds: 2.01);

        track.Segments.Count.ShouldBe(5);
    }

    [Fact]
    public void Without_a_sync_table_the_bitstream_decides()
    {
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Scale(10).Frames(Seconds("IppIppIpp")).Coding(SyncCoding.Absent)).Source(), targetSeconds: 2);

        Starts(track).ShouldBe([0, 3, 6]);
        track.Samples.Select(s => s.IsSync).ShouldBe(Seconds("IppIppIpp").Select(c => c == 'I'));
        track.Summary.IndependentSegments.ShouldBeTrue();
    }

    [Fact]
    public void With_an_empty_sync_table_the_bitstream_decides()
    {
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Scale(10).Frames(Seconds("IppIppIpp")).Coding(SyncCoding.Empty)).Source(), targetSeconds: 2);

        Starts(track).ShouldBe([0, 3, 6]);
    }

    [Fact]
    public void A_lying_sync_table_is_not_cut_at()
    {
        // Sample 4 is called a sync sample but is a P frame.
        var track = CompiledTrack.Compile(new Mp4Builder().Video(v => v.Scale(10).Frames(Seconds("IpppppIpp"))
            .Table("stss", BoxWriting.Words("stss", 3, 1, 31, 61))).Source(), targetSeconds: 2);

        Starts(track).ShouldBe([0, 6]);
        track.Samples.ElementAt(30).IsSync.ShouldBeFalse();
    }

    [Fact]
    public void A_first_frame_that_is_no_keyframe_takes_the_claim_back()
    {
        var track = CompiledTrack.Compile(new Mp4Builder().Video(v => v.Scale(1).Frames("ppIpIp")
            .Table("stss", BoxWriting.Words("stss", 3, 1, 3, 5))).Source(), targetSeconds: 2);

        track.Summary.IndependentSegments.ShouldBeFalse();
    }

    [Fact]
    public void An_open_GOP_cuts_and_takes_the_claim_back()
    {
        // I P B B i B B i B B: the B frames after an i are shown before it and need what came before.
        int[] offsets = [1, 3, 0, 0, 3, 0, 0, 3, 0, 0];
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Scale(1).Frames("IpppippIpp".Replace("I", "i", StringComparison.Ordinal), 1, offsets)).Source(), targetSeconds: 3);

        track.Segments.Count.ShouldBeGreaterThan(1);
        track.Summary.IndependentSegments.ShouldBeFalse();
    }

    [Fact]
    public void An_open_GOP_without_leading_pictures_is_independent()
    {
        var track = Compile("IpppippIpp", target: 3);

        Starts(track).ShouldBe([0, 4, 7]);
        track.Summary.IndependentSegments.ShouldBeTrue();
    }

    [Fact]
    public void Audio_follows_the_cuts_of_the_video_and_none_is_longer_than_the_target_and_half_a_second()
    {
        var source = new Mp4Builder()
            .Video(v => v.Scale(25).Frames("I" + new string('p', 99) + "I" + new string('p', 249) + "I" + new string('p', 49)))
            .Audio(a => a.Packets(44_100 * 16 / 1024)).Source();
        var video = CompiledTrack.Compile(source, 0, targetSeconds: 4);
        var audio = CompiledTrack.Compile(source, 1, targetSeconds: 4, leader: video);

        Starts(video, 25).ShouldBe([0, 4, 14]);
        var starts = Starts(audio, 44_100);
        foreach (var cut in Starts(video, 25))
        {
            // A packet begins at most one packet after the video's cut.
            starts.ShouldContain(s => s >= cut && s < cut + (1024.0 / 44_100));
        }

        audio.Segments.ShouldAllBe(s => s.Entry.Timing.DurationTicks <= 4.5 * 44_100);
        // Ten seconds between two cuts are three even pieces, not 4 + 4 + 2.
        var between = audio.Segments.Where(s => s.Entry.Timing.StartTicks is >= 4 * 44_100 and < 14 * 44_100).ToList();
        between.Count.ShouldBe(3);
        between.ShouldAllBe(s => Math.Abs(s.Entry.Timing.DurationTicks - (44_100 * 10 / 3)) <= 2 * 1024);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void Audio_shorter_or_longer_than_the_video_has_no_empty_segment(int packets)
    {
        var source = new Mp4Builder()
            .Video(v => v.Scale(25).Frames(string.Concat(Enumerable.Repeat("I" + new string('p', 49), 5))))
            .Audio(a => a.Packets(packets)).Source();
        var video = CompiledTrack.Compile(source);
        var audio = CompiledTrack.Compile(source, 1, leader: video);

        audio.Segments.ShouldAllBe(s => s.Samples.Count > 0 && s.Entry.Timing.DurationTicks > 0);
        audio.Samples.Count().ShouldBe(packets);
    }

    [Fact]
    public void Audio_alone_is_cut_evenly()
    {
        var audio = CompiledTrack.Compile(new Mp4Builder().Audio(a => a.Packets(430)).Source(), targetSeconds: 4);

        audio.Segments.Count.ShouldBe(3); // 9.98 s
        audio.Segments.ShouldAllBe(s => Math.Abs(s.Entry.Timing.DurationTicks - (430 * 1024 / 3)) <= 2 * 1024);
    }

    private static CompiledTrack Compile(string frames, double target) =>
        CompiledTrack.Compile(new Mp4Builder().Video(v => v.Scale(10).Frames(Seconds(frames))).Source(), targetSeconds: target);

    /// <summary>Ten frames for each letter, the first of which is that letter.</summary>
    private static string Seconds(string letters) => string.Concat(letters.Select(c => c + "ppppppppp"));

    private static double[] Starts(CompiledTrack track, double timescale = 10) =>
        [.. track.Segments.Select(s => s.Entry.Timing.StartTicks / timescale)];
}
