using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Arriving;

/// <summary>What manifests say of a track before its media are there.</summary>
public sealed class ForetellingTests
{
    private const double Target = 2;
    private static readonly int[] Reordered = [3600, 10800, 0, 0];
    private static readonly string Gops = string.Concat(Enumerable.Repeat("IPBBPBBPBBPB", 12));

    [Fact]
    public void An_honest_sync_table_foretells_everything_but_independence_and_no_media_is_read()
    {
        var file = Film(v => v).Build();
        var source = new LandedSource(new MemoryByteSource(file)) { Landed = IndexEnd(file) };

        var (video, cuts) = Foretell(source, 0, null);
        var (audio, _) = Foretell(source, 1, (cuts, video.Timescale));

        var whole = new MemoryByteSource(file);
        var trueVideo = CompiledTrack.Compile(whole, 0, Target);
        var trueAudio = CompiledTrack.Compile(whole, 1, Target, trueVideo.OriginTicks / trueVideo.Summary.Timescale, trueVideo);
        trueVideo.Summary.IndependentSegments.ShouldBeTrue();
        video.ShouldBe(trueVideo.Summary with { IndependentSegments = false });
        audio.ShouldBe(trueAudio.Summary with { IndependentSegments = false });
        cuts.ShouldBe(trueVideo.Timings);
    }

    [Theory]
    [InlineData(SyncCoding.Absent)]
    [InlineData(SyncCoding.Empty)]
    public void Without_an_honest_sync_table_the_target_duration_leaves_room(object syncs)
    {
        var file = Film(v => v.Coding((SyncCoding)syncs)).Build();

        var (video, cuts) = Foretell(new LandedSource(new MemoryByteSource(file)) { Landed = IndexEnd(file) }, 0, null);

        var real = CompiledTrack.Compile(new MemoryByteSource(file), 0, Target);
        video.LongestSegmentTicks.ShouldBe((long)(3 * Target * video.Timescale));
        video.LongestSegmentTicks.ShouldBeGreaterThan(real.Summary.LongestSegmentTicks);
        cuts.Count.ShouldBeGreaterThanOrEqualTo(real.Segments.Count); // No segment that comes is taken for impossible.
        video.EndTicks.ShouldBe(real.Summary.EndTicks);
    }

    [Fact]
    public void A_lying_sync_table_foretells_at_least_as_many_segments_as_there_will_be()
    {
        var file = Film(v => v.Table("stss", BoxWriting.Words("stss", 7, 1, 27, 37, 61, 64, 97, 122))).Build();

        var (video, _) = Foretell(new MemoryByteSource(file), 0, null);

        video.SegmentCount.ShouldBeGreaterThan(CompiledTrack.Compile(new MemoryByteSource(file), 0, Target).Segments.Count);
    }

    [Fact]
    public void Of_fragments_it_tells_what_has_landed_and_leaves_room_for_the_rest()
    {
        var file = Film(v => v).Fragmented(12).Build();
        var source = new LandedSource(new MemoryByteSource(file)) { Landed = file.Length / 4 };

        var (video, cuts) = Foretell(source, 0, null);

        var real = CompiledTrack.Compile(new MemoryByteSource(file), 0, Target);
        cuts.Count.ShouldBeInRange(2, real.Segments.Count - 1);
        cuts.Take(cuts.Count - 1).ShouldBe(real.Timings.Take(cuts.Count - 1)); // The last one ends where what has landed does.
        video.LongestSegmentTicks.ShouldBe((long)(3 * Target * video.Timescale));
        video.Codecs.ShouldBe(real.Summary.Codecs);
        video.PeakBitsPerSecond.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_cannot_be_packaged_is_not_foretold()
    {
        var letters = "I" + new string('p', SegmentWriter.MostSamples + 1);
        var file = new Mp4Builder().Video(v => v.Scale(1000).Frames(letters[..2]).Table("stsz", Sizes(letters.Length))
            .Table("stts", BoxWriting.Words("stts", 1, (uint)letters.Length, 1))
            .Table("stsc", BoxWriting.Words("stsc", 1, 1, (uint)letters.Length, 1))).Build();
        byte[] padded = [.. file, .. new byte[letters.Length]];
        var source = new MemoryByteSource(padded);
        var movie = CompiledTrack.Read(source);
        var scan = TrackScan.Run(source, movie, movie.Tracks[0]);
        scan.Problem.ShouldBeNull();

        TrackCompiler.Foretell(source, movie.Tracks[0], Description(movie.Tracks[0]), scan, Options(movie.Tracks[0], scan, null)).ShouldBeNull();
    }

    private static byte[] Sizes(int count) => BoxWriting.Words("stsz", [1, (uint)count]);

    private static Mp4Builder Film(Func<TrackSpec, TrackSpec> video) =>
        new Mp4Builder().Video(v => video(v.Frames(Gops, 7200, Reordered))).Audio(a => a.Packets(500));

    /// <summary>Where the <c>moov</c> ends, and with it the header of the <c>mdat</c> behind.</summary>
    private static long IndexEnd(byte[] file)
    {
        var source = new MemoryByteSource(file);
        CompiledTrack.Read(source).Tracks[0].OpenSamples(source).TryRead(out var first).ShouldBeTrue();
        return first.Offset;
    }

    private static (TrackSummary Summary, IReadOnlyList<SegmentTiming> Segments) Foretell(
        IByteSource source, int track, (IReadOnlyList<SegmentTiming>, uint)? leader)
    {
        var movie = CompiledTrack.Read(source);
        var movieTrack = movie.Tracks[track];
        var scan = TrackScan.Run(source, movie, movieTrack);
        return TrackCompiler.Foretell(source, movieTrack, Description(movieTrack), scan, Options(movieTrack, scan, leader)).ShouldNotBeNull();
    }

    private static SampleDescription Description(MovieTrack track) =>
        SampleDescription.TryParse(track.SampleEntries[0], track.Kind).ShouldNotBeNull();

    private static TrackCompilerOptions Options(MovieTrack track, TrackScan scan, (IReadOnlyList<SegmentTiming>, uint)? leader) => new()
    {
        Id = $"t{track.Id - 1}",
        TrackId = track.Id,
        TargetSeconds = Target,
        OriginSeconds = TimelineOrigin.SecondsFor([(scan, track.Timescale)]),
        Leader = leader,
    };
}
