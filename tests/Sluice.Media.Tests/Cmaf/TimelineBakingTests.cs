using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Media.Tests.IsoBmff;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Edit lists and offsets end up in tfdt and cts, exactly (correctness.md A.1 to A.8).</summary>
public sealed class TimelineBakingTests
{
    // I P B B in decode order at 25 fps: composition offsets as encoders write them, first frame shown after one frame.
    private static readonly int[] Reordered = [3600, 10800, 0, 0];

    [Fact]
    public void B_frames_start_at_presentation_zero_and_are_decoded_before()
    {
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Frames("IPBBIPBB", 3600, Reordered).Edit(0, 3600)).Source());

        track.Segments[0].DecodeTicks.ShouldBe(track.OriginTicks - 3600);
        track.Samples.Take(4).Select(s => s.CompositionOffset).ShouldBe([3600, 10800, 0, 0]);
        track.Summary.StartTicks.ShouldBe(track.OriginTicks); // Where an MPD's Period starts.
        track.Presentation.Min().ShouldBe(0);
        track.Presentation.Order().ShouldBe(Enumerable.Range(0, 8).Select(n => n * 3600L));
    }

    [Fact]
    public void Without_an_edit_list_the_first_frame_keeps_its_offset()
    {
        var track = CompiledTrack.Compile(new Mp4Builder().Video(v => v.Frames("IPBB", 3600, Reordered)).Source());

        track.Summary.StartTicks.ShouldBe(3600);
        track.Segments[0].DecodeTicks.ShouldBe(0);
        track.Presentation.Min().ShouldBe(3600);
    }

    [Fact]
    public void Negative_offsets_become_earlier_decoding()
    {
        int[] signed = [0, 7200, -3600, -3600];
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Frames("IPBBIPBB", 3600, signed).OffsetsInVersion(1)).Source());

        track.Segments[0].DecodeTicks.ShouldBe(track.OriginTicks - 3600);
        track.Samples.ShouldAllBe(s => s.CompositionOffset >= 0);
        track.Presentation.Order().ShouldBe(Enumerable.Range(0, 8).Select(n => n * 3600L));
    }

    [Fact]
    public void A_leading_empty_edit_delays_the_track()
    {
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Frames("IPBB", 3600, Reordered).Edit(2500, -1).Edit(0, 3600)).Source());

        track.Summary.StartTicks.ShouldBe(225_000);
        track.Segments[0].DecodeTicks.ShouldBe(225_000 - 3600);
        track.Presentation.Min().ShouldBe(225_000);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(61UL * 24 * 3600 * 1000)]
    public void A_delay_that_no_title_has_is_refused(ulong duration) =>
        CompiledTrack.ScanOf(new Mp4Builder().Video(v => v.Frames("Ip").Edit(duration, -1).Edit(0, 0)).Source())
            .Problem.ShouldNotBeNull().ShouldContain("60 days");

    [Fact]
    public void Audio_priming_is_kept_before_zero_and_the_origin_is_whole_seconds()
    {
        var builder = new Mp4Builder().Audio(a => a.Packets(100).Edit(0, 1024));
        var track = CompiledTrack.Compile(builder.Source(), originSeconds: 1);

        track.Scan.FirstPresentationTicks.ShouldBe(-1024);
        track.Segments[0].DecodeTicks.ShouldBe(44_100 - 1024);
        track.Summary.StartTicks.ShouldBe(44_100); // What is heard begins here.
        track.Payloads.Count().ShouldBe(100);
    }

    [Fact]
    public void Audio_far_before_the_edit_is_dropped_but_for_the_preroll()
    {
        // The edit starts 50 packets in; 100 ms of decoder preroll are 4.3 packets.
        var builder = new Mp4Builder().Audio(a => a.Packets(100).Edit(0, 50 * 1024));
        var track = CompiledTrack.Compile(builder.Source(), originSeconds: 1);

        track.Scan.FirstSample.ShouldBe(45);
        track.Segments[0].DecodeTicks.ShouldBe(44_100 - (5 * 1024));
        track.Payloads.First().ShouldBe(builder.Tracks[0].Samples[45].Payload);
    }

    [Fact]
    public void What_lies_after_the_edit_is_dropped()
    {
        var track = CompiledTrack.Compile(new Mp4Builder()
            .Video(v => v.Frames("IPBBIPBB", 3600, Reordered).Edit(160, 3600)).Source());

        track.Presentation.Order().ShouldBe([0, 3600, 7200, 10800]);
        track.Summary.EndTicks.ShouldBe(track.OriginTicks + (4 * 3600));
    }

    [Fact]
    public void An_edit_that_starts_at_a_later_keyframe_drops_what_lies_before()
    {
        var builder = new Mp4Builder().Video(v => v.Frames("IPBBIPBB", 3600, Reordered).Edit(0, 3600 * 5));
        var track = CompiledTrack.Compile(builder.Source());

        track.Payloads.ShouldBe(builder.Tracks[0].Samples.Skip(4).Select(s => s.Payload), new SameBytes());
        track.Presentation.Min().ShouldBe(0);
    }

    [Fact]
    public void An_edit_that_starts_between_keyframes_is_transcoded_with_that_reason()
    {
        var scan = CompiledTrack.ScanOf(new Mp4Builder()
            .Video(v => v.Frames("IPBBIPBB", 3600, Reordered).Edit(0, 3600 * 3)).Source());

        scan.Problem.ShouldNotBeNull().ShouldContain("after a keyframe");
        scan.EncodingHelps.ShouldBeTrue();
    }

    [Fact]
    public void Every_decode_time_is_the_one_before_and_its_durations()
    {
        var track = CompiledTrack.Compile(new Mp4Builder().Video(v => v
            .Frames(string.Concat(Enumerable.Repeat("IPBB", 60)), 3003, Reordered).Edit(0, 3600)).Source(), targetSeconds: 0.5);

        track.Segments.Count.ShouldBeGreaterThan(5);
        foreach (var (before, after) in track.Segments.Zip(track.Segments.Skip(1)))
        {
            after.DecodeTicks.ShouldBe(before.DecodeTicks + before.DurationTicks);
            after.Entry.Timing.StartTicks.ShouldBe(before.Entry.Timing.StartTicks + before.Entry.Timing.DurationTicks);
        }

        track.Segments.ShouldAllBe(s => s.Samples.Count > 0 && s.Entry.Timing.DurationTicks > 0);
        track.Segments.ShouldAllBe(s => s.Entry.Timing.StartTicks == s.Presentation().Min());
    }

    [Fact]
    public void Variable_frame_rate_is_exact_and_the_last_duration_is_real()
    {
        uint[] durations = [3000, 1, 9000, 4500, 77, 123_456];
        var builder = new Mp4Builder().Video(v => v.Frames("IppIpp").Each((s, i) => s with { Duration = durations[i] }));
        var track = CompiledTrack.Compile(builder.Source(), targetSeconds: 0.1);

        track.Samples.Select(s => s.DurationTicks).ShouldBe(durations);
        track.Summary.EndTicks.ShouldBe(durations.Sum(d => (long)d));
    }

    [Fact]
    public void A_gap_between_fragments_is_a_longer_last_sample_not_a_hole()
    {
        var builder = new Mp4Builder().Audio(a => a.Packets(20)).Fragmented(10);
        var bytes = builder.Build();
        // The second fragment's tfdt says 10240; put it 5000 ticks later.
        var at = bytes.AsSpan().LastIndexOf("tfdt"u8) + 8;
        BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(15_240L)).CopyTo(bytes, at);
        var track = CompiledTrack.Compile(new Sluice.Media.Binary.MemoryByteSource(bytes), targetSeconds: 0.2);

        track.Samples.ElementAt(9).DurationTicks.ShouldBe(6024u);
        track.Segments.Zip(track.Segments.Skip(1)).ShouldAllBe(p => p.Second.DecodeTicks == p.First.DecodeTicks + p.First.DurationTicks);
    }

    [Theory]
    [InlineData(0x8000_0000, true)]   // Fits 32 bits: the sample before lasts that long.
    [InlineData(0x1_0000_5000, false)] // Does not: no trun can say it.
    public void A_gap_is_exact_or_refused(long gap, bool isExact)
    {
        var bytes = new Mp4Builder().Audio(a => a.Packets(20)).Fragmented(10).Build();
        var at = bytes.AsSpan().LastIndexOf("tfdt"u8) + 8;
        BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(gap)).CopyTo(bytes, at);
        var source = new Sluice.Media.Binary.MemoryByteSource(bytes);
        if (isExact)
        {
            var track = CompiledTrack.Compile(source);
            track.Segments.Zip(track.Segments.Skip(1))
                .ShouldAllBe(p => p.Second.DecodeTicks == p.First.DecodeTicks + p.First.DurationTicks);
            track.Summary.EndTicks.ShouldBe(gap + (10 * 1024));
        }
        else
        {
            CompiledTrack.ProblemOf(source).ShouldNotBeNull().ShouldContain("gap");
        }
    }

    [Fact]
    public void A_timeline_that_runs_backwards_is_refused()
    {
        var bytes = new Mp4Builder().Audio(a => a.Packets(20)).Fragmented(10).Build();
        var at = bytes.AsSpan().LastIndexOf("tfdt"u8) + 8;
        bytes.AsSpan(at, 8).Clear();

        CompiledTrack.ScanOf(new Sluice.Media.Binary.MemoryByteSource(bytes)).Problem.ShouldNotBeNull().ShouldContain("runs backwards");
    }
}
