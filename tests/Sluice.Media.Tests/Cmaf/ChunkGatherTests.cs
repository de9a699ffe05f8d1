using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>
/// The cut table of a rendition becomes its index: what a compiled track says of itself is what gathering its segments,
/// as if they were chunks, says of it.
/// </summary>
public sealed class ChunkGatherTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];

    public static TheoryData<string> Tracks => ["video", "audio", "open gop"];

    [Theory]
    [MemberData(nameof(Tracks))]
    public void Gathered_chunks_are_measured_as_a_compiled_track_is(string name)
    {
        var track = Compile(name);
        track.Segments.Count.ShouldBeGreaterThan(1);
        var cutTable = CutTable(track);
        var sink = new MemorySink();
        var gather = new ChunkGather(cutTable, sink);

        foreach (var segment in track.Segments)
        {
            gather.IsComplete.ShouldBeFalse();
            gather.Append(segment.Head, segment.Payload.Length);
        }

        gather.IsComplete.ShouldBeTrue();
        gather.Finish().ShouldBe(track.Summary);
        var index = TrackIndexReader.TryOpen(sink.Source()).ShouldNotBeNull();
        index.Summary.ShouldBe(track.Summary);
        index.Init.ToArray().ShouldBe(track.Init);
        index.ReadTimings().ShouldBe(track.Timings);
        long position = 0;
        for (var n = 1; n <= index.SegmentCount; n++)
        {
            var entry = index.ReadEntry(n).ShouldNotBeNull();
            var blob = index.ReadBlob(entry).ShouldNotBeNull();
            var segment = track.Segments[n - 1];
            blob[..entry.HeadBytes].ShouldBe(segment.Head);
            entry.SizeBytes.ShouldBe(segment.Head.Length + segment.Payload.Length);
            entry.ExtentCount.ShouldBe(1);
            Extent.Read(blob.AsSpan(entry.HeadBytes)).ShouldBe(new Extent(position, segment.Payload.Length, 1));
            position += segment.Payload.Length;
        }
    }

    [Fact]
    public void A_cut_table_tells_times_and_nothing_of_bytes()
    {
        var track = Compile("video");

        var cutTable = CutTable(track);

        cutTable.ReadTimings().ShouldBe(track.Timings);
        cutTable.Init.ToArray().ShouldBe(track.Init);
        cutTable.Summary.ShouldBe(track.Summary with { PeakBitsPerSecond = 1000, AverageBitsPerSecond = 900, IndependentSegments = true });
        cutTable.ReadEntry(2).ShouldNotBeNull().ShouldSatisfyAllConditions(
            e => e.HeadBytes.ShouldBe(0), e => e.ExtentCount.ShouldBe(0), e => e.SizeBytes.ShouldBe(0));
    }

    [Fact]
    public void Timings_must_touch_each_other()
    {
        var summary = Compile("video").Summary;
        foreach (SegmentTiming[] timings in (SegmentTiming[][])[[new(0, 10), new(11, 10)], [new(0, 10), new(9, 10)], [new(0, 0)]])
        {
            Should.Throw<ArgumentException>(() => CutTableIndex.Write(new NullSink(), timings, [], summary));
        }

        Should.Throw<ArgumentException>(() => CutTableIndex.Write(new NullSink(), [], [], summary));
    }

    [Fact]
    public void A_chunk_that_is_missing_too_many_or_damaged_is_refused()
    {
        var track = Compile("video");
        var gather = new ChunkGather(CutTable(track), new NullSink());
        var first = track.Segments[0];

        Should.Throw<InvalidOperationException>(() => gather.Finish()).Message.ShouldContain("Chunk 1");
        Should.Throw<InvalidDataException>(() => gather.Append(first.Head, first.Payload.Length + 1));
        Should.Throw<InvalidDataException>(() => gather.Append(first.Head.AsMemory(0, 60), first.Payload.Length));
        gather.Next.ShouldBe(1);
        track.Segments.ToList().ForEach(s => gather.Append(s.Head, s.Payload.Length));
        Should.Throw<InvalidOperationException>(() => gather.Append(first.Head, first.Payload.Length));
    }

    private static CompiledTrack Compile(string name) => CompiledTrack.Compile(name switch
    {
        "audio" => new Mp4Builder().Audio(a => a.Packets(400)).Source(),
        "open gop" => new Mp4Builder().Video(v => v.Frames("IPBBIBBPIBBP", 90_000, [180_000, 270_000, 90_000, 90_000])).Source(),
        _ => new Mp4Builder().Video(v => v.Frames("IPBBIPBBIPBBIPBB", 45_000, Reordered)).Source(),
    });

    private static TrackIndexReader CutTable(CompiledTrack track)
    {
        var sink = new MemorySink();
        var promised = track.Summary with
        {
            SegmentCount = 0,
            EndTicks = 0,
            LongestSegmentTicks = 0,
            PeakBitsPerSecond = 1000,
            AverageBitsPerSecond = 900,
            IndependentSegments = true,
        };
        var written = CutTableIndex.Write(sink, track.Timings, track.Init, promised);
        var reader = TrackIndexReader.TryOpen(sink.Source()).ShouldNotBeNull();
        reader.Summary.ShouldBe(written);
        return reader;
    }
}
