using Shouldly;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>What a stream of segments gives is what the reader of whole fragments gives, but sooner, whatever the pieces.</summary>
public sealed class FragmentStreamTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (var layout in new[] { "moof", "implied", "no decode times", "whole" })
        {
            foreach (var piece in new[] { 1, 7, 100, 1_000_000 })
            {
                cases.Add(layout, piece);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Samples_are_those_of_whole_fragments(string layout, int pieceBytes)
    {
        var file = Build(layout);

        var (stream, samples) = Read(file, pieceBytes);

        stream.Problem.ShouldBeNull();
        stream.LostSamples.ShouldBe(0);
        var expected = FedFile.Read(file).Samples;
        foreach (var track in stream.Tracks)
        {
            samples.Where(s => s.TrackId == track.Id).Texts().ShouldBe(expected.Where(s => s.TrackId == track.Id).Texts());
        }

        samples.Count.ShouldBe(expected.Count);
    }

    [Fact]
    public void A_sample_comes_with_its_last_byte()
    {
        var file = Build("moof");
        var (init, media) = Part(file);
        var stream = new FragmentStream();
        stream.TryOpen(init, out _).ShouldBeTrue();
        var firstMoof = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(media);
        var first = FedFile.Read(file).Samples.First(s => s.Payload.Length > 1).Payload.Length;

        Take(stream, media.AsSpan(0, firstMoof + 8 + first - 1)).ShouldBeEmpty();
        Take(stream, media.AsSpan(firstMoof + 8 + first - 1, 1)).Count.ShouldBe(1);
        stream.SpanOf(1).ShouldNotBeNull().End.ShouldBeGreaterThan(0, "the header tells the times of all");
    }

    [Fact]
    public void What_is_cut_off_is_counted_and_the_next_segment_is_read()
    {
        var (init, media) = Part(Build("whole"));
        var stream = new FragmentStream();
        stream.TryOpen(init, out _).ShouldBeTrue();
        var whole = Take(stream, media);

        stream.Restart();
        var cut = Take(stream, media.AsSpan(0, media.Length - 100));
        stream.Restart();
        var again = Take(stream, media);

        cut.Count.ShouldBeInRange(1, whole.Count - 1);
        stream.LostSamples.ShouldBe(whole.Count - cut.Count);
        again.Texts().ShouldBe(whole.Texts());
    }

    [Fact]
    public void Samples_that_lie_nowhere_are_lost_and_the_others_are_not()
    {
        var (init, media) = Part(Build("moof"));
        var stream = new FragmentStream();
        stream.TryOpen(init, out _).ShouldBeTrue();
        var whole = Take(stream, media);

        stream.Restart();
        var rest = Take(stream, Damaged(media));

        stream.LostSamples.ShouldBe(4);
        rest.Count.ShouldBe(whole.Count - 4);
    }

    [Fact]
    public void Another_init_segment_is_taken()
    {
        var (init, media) = Part(Build("moof"));
        var (other, otherMedia) = Part(new Mp4Builder().Audio(a => a.Packets(30)).Fragmented(4).Build());
        var stream = new FragmentStream();
        stream.TryOpen(init, out _).ShouldBeTrue();
        Take(stream, media).ShouldNotBeEmpty();

        stream.Restart();
        stream.TryOpen(other, out _).ShouldBeTrue();

        stream.Tracks.ShouldHaveSingleItem().Kind.ShouldBe(TrackKind.Audio);
        Take(stream, otherMedia).Count.ShouldBe(30);
        stream.TryOpen(new byte[20], out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull();
        stream.Tracks.Count.ShouldBe(1, "all is as before");
    }

    [Theory]
    [InlineData("text", "no box")]
    [InlineData("without a movie", "before the movie header")]
    public void A_fault_has_a_reason_and_ends_with_its_segment(string fault, string reason)
    {
        var (init, media) = Part(Build("moof"));
        var stream = new FragmentStream();
        if (fault != "without a movie")
        {
            stream.TryOpen(init, out _).ShouldBeTrue();
        }

        byte[] damaged = fault switch
        {
            "text" => [0, 0, 0, 3, .. "what is this"u8],
            _ => media,
        };

        Take(stream, damaged);
        stream.Problem.ShouldNotBeNull().ShouldContain(reason);
        stream.TryOpen(init, out _).ShouldBeTrue();
        stream.Restart();
        Take(stream, media).ShouldNotBeEmpty();
        stream.Problem.ShouldBeNull();
    }

    [Fact]
    public void Runs_that_claim_millions_of_samples_end_soon()
    {
        var (init, _) = Part(Build("moof"));
        var stream = new FragmentStream();
        stream.TryOpen(init, out _).ShouldBeTrue();
        var tfhd = FullBox("tfhd", 0, 0x20010, w => { w.WriteUInt32(1); w.WriteUInt32(1); });
        var moof = Box("moof", Box("traf", [tfhd, FullBox("trun", 0, 0, w => w.WriteUInt32(int.MaxValue))]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Take(stream, moof);

        stream.Problem.ShouldNotBeNull().ShouldContain("claims too much");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(32 << 20);
    }

    /// <summary>Reads a file as a stream: its init segment, then all that follows.</summary>
    internal static (FragmentStream Stream, List<FeedSample> Samples) Read(byte[] file, int pieceBytes)
    {
        var splitter = new SegmentSplitter();
        var stream = new FragmentStream();
        var samples = new List<FeedSample>();
        foreach (var piece in file.Chunk(pieceBytes))
        {
            ReadOnlySpan<byte> bytes = piece;
            while (splitter.TryTake(ref bytes, out var media))
            {
                if (media.IsEmpty)
                {
                    stream.TryOpen(splitter.Init!.Value, out _);
                }

                samples.AddRange(Take(stream, media));
            }
        }

        return (stream, samples);
    }

    private static List<FeedSample> Take(FragmentStream stream, ReadOnlySpan<byte> bytes)
    {
        var samples = new List<FeedSample>();
        while (stream.TryTake(ref bytes, out var sample))
        {
            samples.Add(new FeedSample(sample.TrackId, sample.DecodeTicks, sample.DurationTicks, sample.CompositionOffset, sample.IsSync, sample.Payload.ToArray()));
        }

        return samples;
    }

    private static (byte[] Init, byte[] Media) Part(byte[] file)
    {
        var at = 0;
        var boxes = new BoxReader(file);
        while (boxes.Next())
        {
            at += boxes.Whole.Length;
            if (boxes.Type == "moov")
            {
                break;
            }
        }

        return (file[..at], file[at..]);
    }

    private static byte[] Damaged(byte[] media)
    {
        var damaged = media.ToArray();
        var trun = damaged.AsSpan().IndexOf("trun"u8);
        damaged[trun + 12] = 0x7F; // the top byte of data_offset
        return damaged;
    }

    private static byte[] Build(string layout)
    {
        var builder = new Mp4Builder().Video(v => v.Frames("IPBBIPBBIPBB", 45_000, Reordered)).Audio(a => a.Packets(30));
        return (layout switch
        {
            "whole" => builder.Fragmented(12),
            "implied" => builder.Fragmented(4, dataBase: FragmentBase.Implied),
            "no decode times" => builder.Fragmented(5, decodeTimes: false),
            _ => builder.Fragmented(4),
        }).Build();
    }
}
