using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Arriving;

/// <summary>However a file arrives, its segments are those of the file that was there at once, byte for byte.</summary>
public sealed class StepwiseTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];
    private static readonly int[] NegativeOffsets = [0, 7200, -3600, -3600];
    private static readonly string Gops = string.Concat(Enumerable.Repeat("IPBBPBBPBBPB", 12));

    private static readonly Dictionary<string, Mp4Builder> Layouts = new()
    {
        ["interleaved"] = Film(v => v.PerChunk(6), a => a.PerChunk(9)),
        ["sound-first"] = new Mp4Builder().Audio(a => a.Packets(500, 1024)).Video(v => v.Frames(Gops, 7200, Reordered)),
        ["two-sounds"] = Film().Audio(a => a.Packets(480, 1024).Scale(48_000).InLanguage("deu")),
        ["edit-lists"] = Film(v => v.Edit(500, -1).Edit(8000, 3600), a => a.Edit(250, -1).Edit(8000, 1024)),
        ["edit-that-ends-early"] = Film(v => v.Edit(5130, 3600), a => a.Edit(5130, 2048)),
        ["open-gop"] = Film(frames: "IPBBPBBPBBPB" + string.Concat(Enumerable.Repeat("iPBBPBBPBBPB", 11))),
        ["sync-table-lies"] = Film(v => v.Table("stss", BoxWriting.Words("stss", 6, 1, 20, 25, 49, 61, 97))),
        ["empty-sync-table"] = Film(v => v.Coding(SyncCoding.Empty)),
        ["no-sync-table"] = Film(v => v.Coding(SyncCoding.Absent)),
        ["co64"] = Film().Offsets64().Data(DataLength.Large),
        ["data-to-the-end"] = Film().Data(DataLength.ToTheEnd),
        ["data-too-long"] = Film().Data(DataLength.TooLong),
        ["many-tracks"] = Enumerable.Range(0, 9).Aggregate(
            Film().Metadata(m => m.Packets(20, 500, 9)), (b, n) => b.Audio(a => a.Packets(300 + (40 * n), 1024).Scale(48_000))),
        ["sound-longer"] = Film(audio: a => a.Packets(400, 1024)),
        ["sound-alone"] = new Mp4Builder().Audio(a => a.Packets(900, 1024)),
        ["picture-alone"] = new Mp4Builder().Video(v => v.Frames(Gops, 7200, Reordered)),
        ["negative-offsets"] = Film(v => v.OffsetsInVersion(1).Each((s, i) => s with { Offset = NegativeOffsets[i % 4] })),
        ["fragmented"] = Film().Fragmented(36),
        ["fragmented-implied"] = Film().Fragmented(17, dataBase: FragmentBase.Implied, decodeTimes: false),
        ["fragmented-small"] = Film().Fragmented(1),
        ["fragmented-edit-that-ends-early"] = Film(v => v.Edit(5130, 3600), a => a.Edit(5130, 2048)).Fragmented(36),
        ["fragmented-sound-longer"] = Film(audio: a => a.Packets(400, 1024)).Fragmented(40),
        ["partly-fragmented"] = Film().Fragmented(36, inHead: 20, dataBase: FragmentBase.Explicit),
    };

    public static TheoryData<string> Names => [.. Layouts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_lands_when_the_index_is_the_same(string layout)
    {
        var file = Layouts[layout].Source();
        var atOnce = ArrivingTitle.AtOnce(file);
        atOnce.ShouldAllBe(t => t.Segments().Count() > 1);

        for (var seed = 0; seed < 8; seed++)
        {
            var title = Arrive(file, seed);

            title.Head.Plays.ShouldBe(ArrivalPlays.Now);
            Same(title.Tracks, atOnce, $"{layout}, seed {seed}");
        }
    }

    [Theory]
    [InlineData("interleaved")]
    [InlineData("fragmented")]
    [InlineData("fragmented-small")]
    [InlineData("partly-fragmented")]
    public void Byte_by_byte_it_is_the_same(string layout)
    {
        var file = Layouts[layout].Source();
        var title = new ArrivingTitle(file);

        for (var landed = 0; landed <= file.Length; landed++)
        {
            title.Land(landed);
        }

        Same(title.Tracks, ArrivingTitle.AtOnce(file), layout);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_but_the_last_bytes_give_the_first_segments_of_the_whole(string layout)
    {
        var file = Layouts[layout].Source();
        var title = new ArrivingTitle(file);
        for (long landed = 0; landed < file.Length; landed += 400)
        {
            title.Land(landed);
        }

        title.PlayableFrom.ShouldBeLessThan(file.Length / 2);
        foreach (var (arrived, whole) in title.Tracks.Zip(ArrivingTitle.AtOnce(file)))
        {
            var segments = arrived.Segments().ToList();
            segments.ShouldBe(whole.Segments().Take(segments.Count));
            segments.Count.ShouldBeGreaterThan(1);
        }
    }

    [Fact]
    public void What_lands_late_contradicts_what_was_packaged_and_is_told()
    {
        // The deepest reordering comes in the third fragment: every decode time would have to be earlier.
        var file = new Mp4Builder().Video(v => v.Frames(Gops, 7200)
            .Each((s, i) => s with { Offset = i > 100 ? -9000 : 0 })).Fragmented(36).Source();
        var title = Arrive(file, seed: 1);

        title.Head.Plays.ShouldBe(ArrivalPlays.Now);
        title.Tracks[0].Compiler.Problem.ShouldNotBeNull();
        title.Tracks[0].Compiler.IsDone.ShouldBeFalse();
    }

    [Fact]
    public void A_beginning_that_was_no_rule_is_told_in_the_end()
    {
        // Keyframes only at first, so that each frame is asked; the whole file would not have been.
        var file = new Mp4Builder().Video(v => v.Frames(new string('I', 72) + Gops, 7200)).Fragmented(36).Source();
        var title = Arrive(file, seed: 1);

        title.Tracks[0].Compiler.Problem.ShouldNotBeNull().ShouldContain("beginning");
        title.Tracks[0].Compiler.Entries.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void Real_files_come_out_the_same()
    {
        var played = 0;
        foreach (var path in Corpus.Movies())
        {
            var name = Path.GetFileName(path);
            var file = new MemoryByteSource(File.ReadAllBytes(path));
            var title = Arrive(file, seed: 3);
            if (title.Head.Plays == ArrivalPlays.Now)
            {
                Same(title.Tracks, ArrivingTitle.AtOnce(file), name);
                played++;
            }
            else
            {
                MustWait(title.Head.Plays, file, name);
            }
        }

        played.ShouldBeGreaterThan(40);
    }

    /// <summary>Only what has its index last, or none, or only sound in fragments, waits for the end.</summary>
    private static void MustWait(ArrivalPlays plays, MemoryByteSource file, string name)
    {
        plays.ShouldBeOneOf([ArrivalPlays.AtEnd, ArrivalPlays.NotMovie], name);
        var movie = MovieReader.TryRead(file, out _);
        if (movie is { MetadataFirst: true })
        {
            movie.Tracks.Where(t => t.Problem is null && t.Kind is TrackKind.Video or TrackKind.Audio)
                .ShouldAllBe(t => t.IsFragmented && t.Kind == TrackKind.Audio, name);
        }
    }

    private static ArrivingTitle Arrive(MemoryByteSource file, int seed)
    {
        var random = new Random(seed);
        var largest = Math.Max(2, (int)Math.Min(file.Length / (seed + 2), 1 << 20));
        var title = new ArrivingTitle(file);
        for (long landed = 0; landed < file.Length; landed += random.Next(1, largest))
        {
            title.Land(landed);
        }

        title.Land(file.Length);
        return title;
    }

    private static void Same(List<ArrivingTrack> arrived, List<WholeTrack> atOnce, string of)
    {
        arrived.Count.ShouldBe(atOnce.Count, of);
        foreach (var (track, whole) in arrived.Zip(atOnce))
        {
            track.Compiler.Problem.ShouldBe(whole.Problem, of);
            track.Compiler.Init.ToArray().ShouldBe(whole.Init ?? track.Compiler.Init.ToArray(), of);
            track.Sink.Written.SequenceEqual(whole.Sink.Written).ShouldBeTrue($"{of}: another index");
        }
    }

    /// <summary>Almost twelve seconds of picture and sound.</summary>
    private static Mp4Builder Film(Func<TrackSpec, TrackSpec>? video = null, Func<TrackSpec, TrackSpec>? audio = null, string? frames = null) =>
        new Mp4Builder()
            .Video(v =>
            {
                v.Frames(frames ?? Gops, 7200, Reordered);
                video?.Invoke(v);
            })
            .Audio(a =>
            {
                a.Packets(500, 1024);
                audio?.Invoke(a);
            });
}
