using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>However a file is laid out, the same samples come out of it (correctness.md A.19).</summary>
public sealed class LayoutTests
{
    private static readonly int[] Reordered = [2, 5, 2, 0, 1];

    public static TheoryData<string> Layouts => [.. Shapes.Keys];

    private static Dictionary<string, Func<Mp4Builder, Mp4Builder>> Shapes => new()
    {
        ["moov first"] = b => b,
        ["moov last"] = b => b.MovieLast(),
        ["co64"] = b => b.Offsets64(),
        ["64-bit mdat"] = b => b.Data(DataLength.Large),
        ["64-bit mdat, moov last"] = b => b.Data(DataLength.Large).MovieLast(),
        ["mdat to the end"] = b => b.Data(DataLength.ToTheEnd),
        ["mdat too long"] = b => b.Data(DataLength.TooLong),
        ["free of 3 bytes"] = b => b.First(BoxWriting.LyingBox("free", 3)),
        ["unknown boxes"] = b => b.First(BoxWriting.Box("what", new byte[77])).InMovie(BoxWriting.Box("huh ", new byte[5])),
        ["uuid box"] = b => b.First(BoxWriting.Box("uuid", new byte[40])),
        ["fragmented"] = b => b.Fragmented(7),
        ["fragmented, explicit base"] = b => b.Fragmented(7, dataBase: FragmentBase.Explicit),
        ["fragmented, implied base"] = b => b.Fragmented(7, dataBase: FragmentBase.Implied),
        ["fragmented, no tfdt"] = b => b.Fragmented(7, decodeTimes: false),
        ["partly fragmented"] = b => b.Fragmented(7, inHead: 9),
        ["partly fragmented, no tfdt"] = b => b.Fragmented(7, inHead: 9, decodeTimes: false),
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_gives_the_same_samples(string layout)
    {
        var builder = Shapes[layout](new Mp4Builder()
            .Video(v => v.Scale(5).Frames("IppppIppppIpppp", 1, Reordered))
            .Audio(a => a.Packets(40)));
        var source = builder.Source();

        for (var t = 0; t < 2; t++)
        {
            var spec = builder.Tracks[t];
            var samples = SamplesOf(source, t);
            samples.Select(s => s.DecodeTicks).ShouldBe(DecodeTimes(spec));
            samples.Select(s => s.CompositionTicks - s.DecodeTicks).ShouldBe(spec.Samples.Select(s => (long)s.Offset));
            samples.Select(s => s.IsSync).ShouldBe(spec.Samples.Select(s => s.IsSync));
            samples.Select(s => BytesOf(source, s)).ShouldBe(spec.Samples.Select(s => s.Payload), new SameBytes());
        }
    }

    [Fact]
    public void Metadata_first_is_what_lies_before_the_data()
    {
        CompiledTrack.Read(Small().Source()).MetadataFirst.ShouldBeTrue();
        CompiledTrack.Read(Small().MovieLast().Source()).MetadataFirst.ShouldBeFalse();
        CompiledTrack.Read(Small().Fragmented(2).Source()).IsFragmented.ShouldBeTrue();
        CompiledTrack.Read(Small().Source()).IsFragmented.ShouldBeFalse();
    }

    [Fact]
    public void Data_tracks_beside_the_media_are_told_apart()
    {
        var movie = CompiledTrack.Read(Small().Metadata(m => m.Packets(3, 10, 8)).Source());

        movie.Tracks.Select(t => t.Kind).ShouldBe([TrackKind.Video, TrackKind.Other]);
        movie.Tracks[1].Handler.ShouldBe("meta");
    }

    [Theory]
    [InlineData(0.1, "moov")]
    [InlineData(0.5, "moov")]
    public void A_file_cut_before_its_index_says_so(double kept, string named)
    {
        var whole = Small().MovieLast().Build();

        MovieReader.TryRead(new MemoryByteSource(whole.AsMemory(0, (int)(whole.Length * kept))), out var reason).ShouldBeNull();

        reason.ShouldNotBeNull().ShouldContain(named);
    }

    [Fact]
    public void A_file_cut_in_its_data_keeps_the_samples_that_are_there()
    {
        var whole = Small().Build();
        var source = new MemoryByteSource(whole.AsMemory()[..^100]);
        var scan = CompiledTrack.ScanOf(source);

        scan.IsTruncated.ShouldBeTrue();
        scan.Problem.ShouldBeNull();
        scan.KeptCount.ShouldBeInRange(1, 9);
    }

    [Fact]
    public void A_fragment_that_points_outside_the_file_ends_the_track_there()
    {
        // Samples of the third fragment must not follow those of the first as if nothing were missing.
        var bytes = new Mp4Builder().Audio(a => a.Packets(30)).Fragmented(10, decodeTimes: false).Build();
        var first = bytes.AsSpan().IndexOf("trun"u8) + 4;
        var second = first + bytes.AsSpan(first).IndexOf("trun"u8);
        bytes.AsSpan(second + 12, 4).Fill(0x7F); // data_offset
        var source = new MemoryByteSource(bytes);

        CompiledTrack.ScanOf(source).ShouldSatisfyAllConditions(s => s.IsTruncated.ShouldBeTrue(), s => s.SampleCount.ShouldBe(10));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46 })]
    public void What_is_no_movie_is_said_to_be_none(byte[] bytes)
    {
        MovieReader.TryRead(new MemoryByteSource(bytes), out var reason).ShouldBeNull();
        reason.ShouldBe("it is no MP4 or MOV file");
    }

    internal static List<MediaSample> SamplesOf(IByteSource source, int track)
    {
        var reader = CompiledTrack.Read(source).Tracks[track].OpenSamples(source);
        var samples = new List<MediaSample>();
        while (reader.TryRead(out var sample))
        {
            samples.Add(sample);
        }

        reader.Problem.ShouldBeNull();
        return samples;
    }

    private static Mp4Builder Small() => new Mp4Builder().Video(v => v.Scale(5).Frames("IppppIpppp"));

    private static IEnumerable<long> DecodeTimes(TrackSpec spec)
    {
        long at = 0;
        foreach (var sample in spec.Samples)
        {
            yield return at;
            at += sample.Duration;
        }
    }

    private static byte[] BytesOf(IByteSource source, MediaSample sample)
    {
        var bytes = new byte[sample.SizeBytes];
        source.Read(sample.Offset, bytes);
        return bytes;
    }
}
