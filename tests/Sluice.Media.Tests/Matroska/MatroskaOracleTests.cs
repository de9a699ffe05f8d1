using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Matroska;
using Sluice.Media.Tests.Building;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Matroska;

/// <summary>What ffprobe reads from a Matroska file is what it reads from the segments made of it: packets, times, keyframes, bytes.</summary>
public sealed class MatroskaOracleTests : IDisposable
{
    private const string Video = "-f lavfi -i testsrc2=s=128x96:r=25:d=9";
    private const string Audio = "-f lavfi -i sine=d=9.3";
    private const string X264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 40";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-matroska-").FullName;

    public static TheoryData<string, string> Fixtures => new()
    {
        { "H.264 with B-frames and AAC", $"{Video} {Audio} {X264} -bf 3 -c:a aac" },
        { "H.264 without B-frames, MP3", $"{Video} {Audio} {X264} -bf 0 -c:a libmp3lame" },
        { "23.976 fps", $"-f lavfi -i testsrc2=s=128x96:r=24000/1001:d=9 {Audio} {X264} -bf 3 -c:a aac -ar 48000" },
        { "H.264 open GOP", $"{Video} {X264} -bf 3 -x264-params open-gop=1:scenecut=0:b-adapt=0" },
        { "HEVC and FLAC", $"{Video} {Audio} -c:v libx265 -preset veryfast -pix_fmt yuv420p -x265-params keyint=40:open-gop=0:log-level=none -c:a flac" },
        { "AV1 and Opus", $"{Video} {Audio} -c:v libsvtav1 -preset 12 -g 40 -pix_fmt yuv420p -c:a libopus" },
        { "VP9 and Opus", $"{Video} {Audio} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 40 -pix_fmt yuv420p -c:a libopus" },
        { "audio begins late", $"{Video} -itsoffset 1.3 {Audio} {X264} -bf 3 -c:a aac" },
        { "video begins late", $"-itsoffset 1.3 {Video} {Audio} {X264} -bf 3 -c:a aac" },
        { "two sounds, cues first", $"{Video} {Audio} -f lavfi -i sine=f=880:d=9 {X264} -c:a:0 aac -c:a:1 libopus -map 0 -map 1 -map 2 -reserve_index_space 4096" },
        { "many small clusters", $"{Video} {Audio} {X264} -bf 2 -c:a aac -cluster_time_limit 300" },
        { "audio ends early", $"{Video} -f lavfi -i sine=d=3 {X264} -bf 3 -c:a aac" },
        { "sound alone", $"{Audio} -c:a aac" },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Segments_hold_the_packets_of_the_file(string name, string arguments)
    {
        var path = Make(name, arguments);
        var theirs = await PacketStream.ReadAsync(path);
        var source = new MemoryByteSource(File.ReadAllBytes(path));
        var segments = Open(source);

        for (var t = 0; t < segments.Tracks.Count; t++)
        {
            var track = segments.Tracks[t];
            track.Problem.ShouldBeNull();
            var whole = Path.Combine(_folder, $"{t}.mp4");
            File.WriteAllBytes(whole, Whole(source, segments, track));

            var ours = (await PacketStream.ReadAsync(whole)).ShouldHaveSingleItem();

            var packets = theirs[t].Packets;
            ours.Packets.Select(p => (p.Size, p.Hash)).ShouldBe(packets.Select(p => (p.Size, p.Hash)));
            ours.Packets[0].IsKey.ShouldBeTrue();
            foreach (var (our, their) in ours.Packets.Zip(packets))
            {
                // Both are rounded to milliseconds, and a grid of packets takes its phase from a rounded time.
                ((our.Pts!.Value / (double)ours.TicksPerSecond) - segments.OriginSeconds).ShouldBe(Seconds(their.Pts!.Value, theirs[t], track), 0.0011);
            }

            var decoded = ours.Packets.Select(p => p.Dts!.Value).ToList();
            decoded.ShouldBe(decoded.Distinct().Order());
            Ffmpeg.Run("-v error -f null - -i", whole);
        }
    }

    [Fact]
    public async Task Every_segment_plays_alone_and_meets_the_next()
    {
        var path = Make("alone", $"{Video} {Audio} {X264} -bf 3 -c:a aac");
        var source = new MemoryByteSource(File.ReadAllBytes(path));
        var segments = Open(source);
        segments.Cuts.Count.ShouldBeGreaterThan(2);
        var video = segments.Tracks[0];
        for (var number = 1; number <= segments.Cuts.Count; number++)
        {
            var file = Path.Combine(_folder, $"{number}.mp4");
            File.WriteAllBytes(file, [.. segments.Init(video), .. segments.BytesOf(source, number, video)]);
            var packets = (await PacketStream.ReadAsync(file)).ShouldHaveSingleItem().Packets;

            var timing = segments.TimingOf(number, video);
            packets.Min(p => p.Pts).ShouldBe(timing.StartTicks);
            packets.Max(p => p.Pts!.Value).ShouldBeLessThan(timing.StartTicks + timing.DurationTicks);
            Ffmpeg.Run("-v error -f null - -i", file);
        }
    }

    [Fact]
    public void One_segment_costs_its_own_clusters_and_opening_two_segments()
    {
        var path = Make("cost", $"-f lavfi -i testsrc2=s=640x360:r=25:d=30 -f lavfi -i sine=d=30 -f lavfi -i anoisesrc=d=30 {X264} -b:v 4M -map 0 -map 2 -c:a aac -b:a 192k");
        var source = new CountingByteSource(new MemoryByteSource(File.ReadAllBytes(path)));

        var segments = Open(source);
        source.BytesRead.ShouldBeLessThan(source.Length * 4 / segments.Cuts.Count);

        var before = source.BytesRead;
        var middle = segments.Cuts.Count / 2;
        segments.BytesOf(source, middle, segments.Tracks[0]).Length.ShouldBeGreaterThan(100_000);
        (source.BytesRead - before).ShouldBeLessThan(source.Length * 2 / segments.Cuts.Count);
    }

    [Fact]
    public void A_sound_has_no_segments_behind_its_end()
    {
        var source = new MemoryByteSource(File.ReadAllBytes(Make("short", $"-f lavfi -i testsrc2=s=128x96:r=25:d=24 -f lavfi -i sine=d=9 {X264} -c:a aac")));

        var segments = Open(source);

        var (picture, sound) = (segments.Tracks[0], segments.Tracks[1]);
        segments.CountOf(picture).ShouldBe(segments.Cuts.Count);
        segments.CountOf(sound).ShouldBe(3); // A keyframe every 1.6 s: segments of 3.2 s.
        var last = segments.TimingOf(segments.CountOf(sound), sound);
        ((last.StartTicks + last.DurationTicks) / (double)segments.TimescaleOf(sound)).ShouldBe(9 + segments.OriginSeconds, 0.05);
        segments.Make(segments.TryRead(source, segments.CountOf(sound), out _)!, sound, out _)!.PayloadBytes.ShouldBeGreaterThan(0);
        segments.Make(segments.TryRead(source, segments.CountOf(sound) + 1, out _)!, sound, out _)!.PayloadBytes.ShouldBe(0);
    }

    [Theory]
    [InlineData("mpeg4", "V_MPEG4/ISO/ASP is not copied out of Matroska")]
    [InlineData("libvpx", "V_VP8 is not copied out of Matroska")]
    public void What_is_not_copied_says_so(string codec, string reason)
    {
        var path = Make(codec, $"{Video} -c:v {codec}");

        var movie = MatroskaReader.TryRead(new MemoryByteSource(File.ReadAllBytes(path)), out _).ShouldNotBeNull();

        movie.Tracks.ShouldHaveSingleItem().Problem.ShouldBe(reason);
    }

    [Fact]
    public void A_file_without_an_index_says_so()
    {
        var path = Make("live", $"{Video} {X264} -live 1");

        MatroskaReader.TryRead(new MemoryByteSource(File.ReadAllBytes(path)), out var problem).ShouldBeNull();

        problem.ShouldBe("it has no index of its keyframes (Cues)");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static MatroskaSegments Open(IByteSource source)
    {
        var movie = MatroskaReader.TryRead(source, out var problem).ShouldNotBeNull(problem);
        return MatroskaSegments.TryOpen(source, movie, targetSeconds: 2, out problem).ShouldNotBeNull(problem);
    }

    private static byte[] Whole(IByteSource source, MatroskaSegments segments, MatroskaTrack track) =>
        [.. segments.Init(track), .. Enumerable.Range(1, segments.CountOf(track)).SelectMany(number => segments.BytesOf(source, number, track))];

    /// <summary>ffprobe takes the encoder's delay off Opus, we leave it: 6.5 ms that no one hears.</summary>
    private static double Seconds(long ticks, PacketStream stream, MatroskaTrack track) => (ticks / (double)stream.TicksPerSecond) + (track.DelayNanoseconds / 1e9);

    private string Make(string name, string arguments)
    {
        var path = Path.Combine(_folder, string.Concat(name.Where(char.IsAsciiLetterOrDigit)) + ".mkv");
        Ffmpeg.Make(arguments, path);
        return path;
    }
}
