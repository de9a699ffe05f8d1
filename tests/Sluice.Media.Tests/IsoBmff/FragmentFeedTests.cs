using System.Security.Cryptography;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.IsoBmff;

/// <summary>The reader of a stream gives what the reader of files gives, whatever the pieces, and survives damage.</summary>
public sealed class FragmentFeedTests
{
    private static readonly int[] Reordered = [3600, 10800, 0, 0];

    public static TheoryData<string> Layouts => ["moof", "explicit", "implied", "no decode times", "other boxes"];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Samples_are_those_that_the_reader_of_files_finds(string layout)
    {
        var file = Build(layout);
        var source = new MemoryByteSource(file);

        var (tracks, samples) = FedFile.Read(file);

        tracks.Select(t => (t.Id, t.Kind, t.Timescale)).ShouldBe([(1u, TrackKind.Video, 90_000u), (2u, TrackKind.Audio, 44_100u)]);
        foreach (var track in CompiledTrack.Read(source).Tracks)
        {
            var expected = new List<FeedSample>();
            var reader = track.OpenSamples(source);
            while (reader.TryRead(out var s))
            {
                expected.Add(new FeedSample(track.Id, s.DecodeTicks, s.DurationTicks, (int)(s.CompositionTicks - s.DecodeTicks),
                    s.IsSync, file.AsMemory((int)s.Offset, s.SizeBytes)));
            }

            expected.ShouldNotBeEmpty();
            samples.Where(s => s.TrackId == track.Id).Texts().ShouldBe(expected.Texts());
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(1, 1000)]
    [InlineData(7, 8)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void The_size_of_the_pieces_does_not_matter(int least, int most)
    {
        foreach (var layout in Layouts)
        {
            var file = Build(layout.Data);
            var random = new Random(least ^ most);

            var (feed, samples) = FedFile.Read(file, () => least == most ? least : random.Next(least, most));

            feed.IsWhole.ShouldBeTrue();
            samples.Texts().ShouldBe(FedFile.Read(file).Samples.Texts());
        }
    }

    [Fact]
    public void Samples_come_as_soon_as_their_fragment_is_complete()
    {
        var file = Build("moof");
        var feed = new FragmentFeed();
        var firstEnd = EndOfFirst(file, "mdat");

        feed.Append(file.AsSpan(0, EndOfFirst(file, "moov") - 1));
        feed.Tracks.ShouldBeNull();
        feed.Append(file.AsSpan(EndOfFirst(file, "moov") - 1, 1));
        feed.Tracks.ShouldNotBeNull().Count.ShouldBe(2);
        feed.Append(file.AsSpan(EndOfFirst(file, "moov"), firstEnd - EndOfFirst(file, "moov") - 1));
        feed.TryRead(out _).ShouldBeFalse();
        feed.IsWhole.ShouldBeFalse();
        feed.Append(file.AsSpan(firstEnd - 1, 1));

        feed.TryRead(out _).ShouldBeTrue();
        feed.IsWhole.ShouldBeTrue();
    }

    [Fact]
    public void Payloads_stay_as_they_are_when_more_is_appended()
    {
        var file = Build("moof");
        var whole = FedFile.Read(file).Samples;
        var feed = new FragmentFeed();
        var buffer = new byte[100];
        var kept = new List<FeedSample>();
        for (var at = 0; at < file.Length; at += buffer.Length)
        {
            var piece = file.AsSpan(at, Math.Min(buffer.Length, file.Length - at));
            piece.CopyTo(buffer);
            feed.Append(buffer.AsSpan(0, piece.Length));
            while (feed.TryRead(out var sample))
            {
                kept.Add(sample);
            }
        }

        kept.Texts().ShouldBe(whole.Texts());
    }

    [Fact]
    public void A_fragment_that_points_outside_its_data_is_a_problem_and_what_came_before_is_kept()
    {
        var file = Build("moof");
        var second = EndOfFirst(file, "mdat");
        var trun = second + file.AsSpan(second).IndexOf("trun"u8);
        file[trun + 12] = 0x7F; // the top byte of data_offset

        var (feed, samples) = FedFile.Read(file, static () => 50);

        feed.Problem.ShouldNotBeNull().ShouldContain("outside its data");
        samples.Count.ShouldBeGreaterThan(0);
        feed.IsWhole.ShouldBeFalse();
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "text", "no box" },
        { "fragment first", "before the movie header" },
        { "header too long", "more than" },
        { "data too long", "more than" },
        { "without a length", "without a length" },
        { "two fragments, no data", "without data" },
        { "two movies", "second movie" },
        { "no movie", "no tracks" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_has_a_reason(string fault, string reason)
    {
        var file = Build("moof");
        var movie = file[..EndOfFirst(file, "moov")];
        byte[] stream = fault switch
        {
            "text" => [0, 0, 0, 3, .. "what is this"u8],
            "fragment first" => file[movie.Length..],
            "header too long" => [.. movie, .. Header(FragmentFeed.LargestHeader + 1, "moof")],
            "data too long" => [.. movie, 0, 0, 0, 1, .. "mdat"u8, 0, 0, 0, 1, 0, 0, 0, 0],
            "without a length" => [.. movie, .. Header(0, "mdat")],
            "two fragments, no data" => [.. movie, .. Moof(file), .. Moof(file)],
            "two movies" => [.. movie, .. movie],
            _ => [.. Box("moov", Words("mvhd", 0, 0, 1000, 0))],
        };

        var (feed, samples) = FedFile.Read(stream, static () => 3);

        feed.Problem.ShouldNotBeNull().ShouldContain(reason);
        feed.IsWhole.ShouldBeFalse();
        samples.ShouldBeEmpty();
    }

    [Fact]
    public void A_header_that_claims_half_a_gigabyte_allocates_nothing()
    {
        byte[] stream = [.. Header(FragmentFeed.LargestData, "mdat"), 1, 2, 3];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var feed = new FragmentFeed();
        feed.Append(stream);

        feed.Problem.ShouldBeNull();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void Runs_that_repeat_the_same_bytes_end_soon()
    {
        // Each run takes 20 bytes to claim a million samples of one byte.
        var runs = Enumerable.Repeat(Words("trun", 1 << 20, 0), 1000).ToArray();
        foreach (var run in runs)
        {
            run[11] = 1; // flags: data-offset-present
        }

        var tfhd = FullBox("tfhd", 0, 0x20010, w => { w.WriteUInt32(1); w.WriteUInt32(1); });
        var moof = Box("moof", Box("traf", [tfhd, .. runs]));
        for (var i = 0; i < runs.Length; i++)
        {
            var at = 8 + 8 + tfhd.Length + (i * runs[0].Length) + 16;
            moof[at + 2] = (byte)((moof.Length + 8) >> 8);
            moof[at + 3] = (byte)(moof.Length + 8);
        }

        var file = Build("moof");
        byte[] stream = [.. file[..EndOfFirst(file, "moov")], .. moof, .. Box("mdat", new byte[1 << 20])];

        var (feed, samples) = FedFile.Read(stream, static () => 1 << 16);

        feed.Problem.ShouldNotBeNull().ShouldContain("overlap");
        samples.Count.ShouldBeLessThanOrEqualTo(1 << 20);
    }

    [Fact]
    public async Task Real_streams_give_the_packets_that_ffprobe_finds()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sluice-feed-").FullName, "rungs.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=7 -f lavfi -i sine=d=7.3 " +
            "-filter_complex [0:v]split=3[x][y][z];[y]scale=160:-2[b];[z]scale=96:-2[c] -map [x] -map [b] -map [c] -map 1:a " +
            "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 60 -bf 3 -c:a aac -frag_duration 500000 " +
            "-movflags +empty_moov+default_base_moof+frag_keyframe", path);
        var file = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var streams = await PacketStream.ReadAsync(path);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        var random = new Random(7);
        var (feed, samples) = FedFile.Read(file, () => random.Next(1, 100_000));

        feed.Problem.ShouldBeNull();
        feed.IsWhole.ShouldBeTrue();
        var tracks = feed.Tracks.ShouldNotBeNull();
        tracks.Select(t => t.Kind).ShouldBe([TrackKind.Video, TrackKind.Video, TrackKind.Video, TrackKind.Audio]);
        samples.Count.ShouldBeGreaterThan(900);
        for (var i = 0; i < tracks.Count; i++)
        {
            var ours = samples.Where(s => s.TrackId == tracks[i].Id).ToList();
            var theirs = streams[i].Packets;
            tracks[i].Timescale.ShouldBe((uint)streams[i].TicksPerSecond);
            ours.Select(s => (s.Payload.Length, s.IsSync)).ShouldBe(theirs.Select(p => (p.Size, p.IsKey)));
            ours.Select(s => "SHA256:" + Convert.ToHexStringLower(SHA256.HashData(s.Payload.Span))).ShouldBe(theirs.Select(p => p.Hash));
            ours.Select(s => s.DecodeTicks - ours[0].DecodeTicks).ShouldBe(theirs.Select(p => (p.Dts - theirs[0].Dts)!.Value));
            ours.Select(s => (long)s.CompositionOffset).ShouldBe(theirs.Select(p => (p.Pts - p.Dts)!.Value));
            ours.SkipLast(1).Select(s => s.DecodeTicks + s.DurationTicks).ShouldBe(ours.Skip(1).Select(s => s.DecodeTicks));
        }
    }

    private static byte[] Build(string layout)
    {
        var builder = new Mp4Builder().Video(v => v.Frames("IPBBIPBBIPBB", 45_000, Reordered)).Audio(a => a.Packets(30));
        var file = (layout switch
        {
            "explicit" => builder.Fragmented(4, dataBase: FragmentBase.Explicit),
            "implied" => builder.Fragmented(4, dataBase: FragmentBase.Implied),
            "no decode times" => builder.Fragmented(5, decodeTimes: false),
            _ => builder.Fragmented(4),
        }).Build();
        return layout == "other boxes" ? WithOtherBoxes(file) : file;
    }

    /// <summary>What some writers put between fragments. Offsets count from the <c>moof</c>, so nothing else changes.</summary>
    private static byte[] WithOtherBoxes(byte[] file)
    {
        var result = new List<byte>();
        var boxes = new BoxReader(file);
        while (boxes.Next())
        {
            if (boxes.Type == "moof")
            {
                result.AddRange(Box("styp", "msdhmsdh"u8.ToArray()));
                result.AddRange(Box("sidx", new byte[44]));
                result.AddRange(Box("prft", new byte[24]));
                result.AddRange(Box("uuid", new byte[40]));
                result.AddRange(Box("free"));
            }

            result.AddRange(boxes.Whole);
        }

        return [.. result, .. Box("mfra", new byte[30])];
    }

    private static byte[] Header(int size, string type) => [(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. type.Select(c => (byte)c)];

    private static byte[] Moof(byte[] file) => Box("moof", BoxReader.Find(file, "moof").ToArray());

    private static int EndOfFirst(byte[] file, string type)
    {
        var at = 0;
        var boxes = new BoxReader(file);
        while (boxes.Next())
        {
            at += boxes.Whole.Length;
            if (boxes.Type == type)
            {
                return at;
            }
        }

        throw new InvalidOperationException($"There is no {type}.");
    }
}
