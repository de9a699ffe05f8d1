using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Tests.Building;
using Sluice.Media.Tests.Remux;
using Xunit;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>The seeds that the builder makes: the files of the corpus are those; UPDATE_GOLDEN=1 writes them.</summary>
public sealed class SeedTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];

    private static Dictionary<string, Func<Mp4Builder, Mp4Builder>> Movies => new()
    {
        ["plain"] = b => b,
        ["moov-last-co64"] = b => b.MovieLast().Offsets64().Data(DataLength.Large),
        ["fragmented"] = b => b.Fragmented(5),
        ["fragmented-implied"] = b => b.Fragmented(5, dataBase: FragmentBase.Implied, decodeTimes: false),
        ["partly-fragmented"] = b => b.Fragmented(5, inHead: 4, dataBase: FragmentBase.Explicit),
        ["odd-boxes"] = b => b.First(BoxWriting.LyingBox("free", 3)).Data(DataLength.ToTheEnd).Metadata(m => m.Packets(2, 10, 4)),
        ["compact-sizes"] = b => b.Audio(a => a.Packets(9, size: 7).Coding(SizeCoding.Compact4).Edit(500, -1).Edit(0, 1024)),
        ["no-sync-table"] = b => b.Video(v => v.Frames("IppIpp", 90_000).Coding(SyncCoding.Absent).Entry(SampleEntries.Avc)),
        ["subtitles"] = b => b
            .Track("sbtl", TextSamples.TimedText(), 1000, t => t.Sample(new(TextSamples.Said("a bold word", (2, 6, 1)), 900)).Sample(new(TextSamples.Said(""), 100)))
            .Track("text", TextSamples.WebVtt, 1000, t => t.Sample(new(TextSamples.Cue("<i>one", "line:10%"), 900)).Sample(new(TextSamples.NoCue, 100))),
    };

    /// <summary>Long enough that they are played before they are there.</summary>
    private static Dictionary<string, Func<Mp4Builder, Mp4Builder>> Arriving => new()
    {
        ["plain"] = b => b,
        ["no-sync-table"] = b => b.Video(v => v.Frames("IppIpp", 90_000).Coding(SyncCoding.Absent)),
        ["fragmented"] = b => b.Fragmented(16),
        ["fragmented-small"] = b => b.Fragmented(3, dataBase: FragmentBase.Implied, decodeTimes: false),
        ["partly-fragmented"] = b => b.Fragmented(16, inHead: 12, dataBase: FragmentBase.Explicit),
    };

    [Fact]
    public void Seeds_of_arriving_movies_are_in_the_corpus()
    {
        foreach (var (name, shape) in Arriving)
        {
            var frames = string.Concat(Enumerable.Repeat("IPBBIPBB", 9));
            var movie = shape(new Mp4Builder().Video(v => v.Frames(frames, 22_500, Reordered).Edit(0, 3600)).Audio(a => a.Packets(90, 8192))).Build();
            Match("arriving", name, movie);
        }
    }

    [Fact]
    public void Seeds_of_movies_indexes_and_heads_are_in_the_corpus()
    {
        foreach (var (name, shape) in Movies)
        {
            var builder = new Mp4Builder().Video(v => v.Frames("IPBBIPBB", 45_000, Reordered).Edit(0, 3600)).Audio(a => a.Packets(12));
            var movie = shape(builder).Build();
            Match("movie", name, movie);
            if (name.StartsWith("fragmented", StringComparison.Ordinal))
            {
                Match("feed", name, movie);
                Match("fragments", name, movie);
            }

            var track = CompiledTrack.Compile(new MemoryByteSource(movie), targetSeconds: 1);
            Match("head", name, track.Segments[^1].Head);
        }

        Match("head", "audio", CompiledTrack.Compile(new Mp4Builder().Audio(a => a.Packets(4, size: 9)).Source()).Segments[0].Head);
        Match("packed", "aac", PackedAudioTests.Segment());
        Match("index", "two", Index(2));
        Match("index", "seven", Index(7));
    }

    [Fact]
    public void Seeds_of_matroska_are_in_the_corpus()
    {
        byte[][] frames = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Repeat((byte)i, 20 + (i * 3)).ToArray())];
        for (var lacing = 0; lacing < 4; lacing++)
        {
            byte[][] some = lacing switch { 0 => frames[..1], 2 => [frames[0], frames[0]], _ => frames };
            var builder = lacing == 1 ? new MatroskaBuilder().Sound(0xCA, 0xFE) : new MatroskaBuilder().Sound();
            Match("matroska", $"lacing-{lacing}", builder
                .Cluster(0, lacing != 3, MatroskaBuilder.Simple(0, lacing, some), MatroskaBuilder.Group(93, refersToAnother: true, frames[1]))
                .Cluster(3000, lacing != 3, MatroskaBuilder.Simple(0, lacing, some), MatroskaBuilder.Group(93, refersToAnother: false, frames[2])).Build());
        }
    }

    private static byte[] Index(int keyframes)
    {
        var sink = new MemorySink();
        CompiledTrack.Compile(new Mp4Builder().Video(v => v.Frames(string.Concat(Enumerable.Repeat("IPBB", keyframes)), 90_000)).Source(),
            targetSeconds: 4, sink: sink).Segments.Count.ShouldBe(keyframes);
        var source = sink.Source();
        var bytes = new byte[source.Length];
        source.Read(0, bytes);
        TrackIndexReader.TryOpen(source).ShouldNotBeNull();
        return bytes;
    }

    private static void Match(string target, string name, byte[] seed)
    {
        var path = Path.Combine(FuzzCorpus.FolderOf(target), $"seed-{name}.bin");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(FuzzCorpus.FolderOf(target));
            File.WriteAllBytes(path, seed);
        }

        File.Exists(path).ShouldBeTrue($"{path} is missing; UPDATE_GOLDEN=1 writes it.");
        File.ReadAllBytes(path).AsSpan().SequenceEqual(seed).ShouldBeTrue($"{path} is stale; UPDATE_GOLDEN=1 writes it anew.");
    }
}
