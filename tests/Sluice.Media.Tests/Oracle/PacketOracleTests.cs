using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Sluice.Media.Tests.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Oracle;

/// <summary>
/// What ffprobe reads from a file is what it reads from our segments of it: the same packets, times, sizes, keyframes
/// and bytes (the oracle of correctness.md part A).
/// </summary>
public sealed class PacketOracleTests : IDisposable
{
    private const string Video = "-f lavfi -i testsrc2=s=128x96:r=25:d=6";
    private const string Audio = "-f lavfi -i sine=d=6.3";
    private const string X264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 40";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-oracle-").FullName;

    public static TheoryData<string, string> Fixtures => new()
    {
        { "H.264 with B-frames and AAC", $"{Video} {Audio} {X264} -bf 3 -c:a aac" },
        { "H.264 without B-frames", $"{Video} {X264} -bf 0" },
        { "H.264, moov first", $"{Video} {Audio} {X264} -c:a aac -movflags +faststart" },
        { "H.264 open GOP", $"{Video} {X264} -bf 3 -x264-params open-gop=1:scenecut=0:b-adapt=0" },
        { "HEVC open GOP (CRA)", $"{Video} -c:v libx265 -preset veryfast -pix_fmt yuv420p -tag:v hvc1 -x265-params keyint=40:open-gop=1:log-level=none" },
        { "HEVC closed GOP, hev1", $"{Video} -c:v libx265 -preset veryfast -pix_fmt yuv420p -tag:v hev1 -x265-params keyint=40:open-gop=0:log-level=none" },
        { "VP9 and Opus", $"{Video} {Audio} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 40 -c:a libopus" },
        { "AV1", $"{Video} -c:v libsvtav1 -preset 12 -g 40 -pix_fmt yuv420p" },
        { "fragmented", $"{Video} {Audio} {X264} -bf 3 -c:a aac -movflags frag_keyframe+empty_moov" },
        { "fragmented, default base", $"{Video} {Audio} {X264} -bf 3 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof" },
        { "partly fragmented", $"{Video} {Audio} {X264} -bf 3 -c:a aac -movflags frag_keyframe" },
        { "negative offsets", $"{Video} {Audio} {X264} -bf 3 -c:a aac -movflags negative_cts_offsets" },
        { "audio delayed", $"{Video} -itsoffset 0.71 {Audio} {X264} -bf 3 -c:a aac" },
        { "video delayed", $"-itsoffset 1.3 {Video} {Audio} {X264} -bf 3 -c:a aac" },
        { "29.97 fps", $"-f lavfi -i testsrc2=s=128x96:r=30000/1001:d=6 {Audio} {X264} -bf 3 -c:a aac" },
        { "variable frame rate", $"{Video} {X264} -bf 2 -vf select='mod(n,7)*mod(n,5)' -vsync vfr" },
        { "several audio tracks", $"{Video} {Audio} -f lavfi -i sine=f=880:d=4 {X264} -c:a:0 aac -c:a:1 libmp3lame -map 0 -map 1 -map 2" },
        { "FLAC", $"{Audio} -c:a flac -strict -2" },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Our_segments_hold_the_packets_of_the_file(string name, string arguments)
    {
        var path = Make(name, arguments);
        var theirs = await PacketStream.ReadAsync(path);
        var source = new MemoryByteSource(File.ReadAllBytes(path));
        var movie = CompiledTrack.Read(source);
        var origin = CompiledTrack.OriginOf(source);
        CompiledTrack? leader = null;
        for (var t = 0; t < movie.Tracks.Count; t++)
        {
            var ours = CompiledTrack.Compile(source, t, targetSeconds: 2, originSeconds: origin, leader: leader);
            leader ??= ours;
            var readBack = Path.Combine(_folder, $"{t}.mp4");
            File.WriteAllBytes(readBack, ours.Whole);

            var streams = await PacketStream.ReadAsync(readBack);
            Compare(theirs[t].Packets, streams.ShouldHaveSingleItem().Packets, ours, origin * movie.Tracks[t].Timescale);
        }
    }

    [Fact]
    public void A_copy_that_starts_between_keyframes_is_refused_for_video_and_exact_for_audio()
    {
        var whole = Make("whole", $"{Video} {Audio} {X264} -bf 3 -c:a aac");
        var cut = Path.Combine(_folder, "cut.mp4");
        Ffmpeg.Make($"-ss 1.1 -i {whole} -c copy", cut);
        var source = new MemoryByteSource(File.ReadAllBytes(cut));

        CompiledTrack.ScanOf(source, 0).ShouldSatisfyAllConditions(
            s => s.Problem.ShouldNotBeNull().ShouldContain("edit list"), s => s.EncodingHelps.ShouldBeTrue());
        CompiledTrack.Compile(source, 1, originSeconds: 2).Presentation.Where(p => p >= 0).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("open-gop=1:scenecut=0:b-adapt=0", false)]
    [InlineData("open-gop=0:scenecut=0:b-adapt=0", true)]
    public void Independence_is_claimed_only_where_it_is_true(string parameters, bool independent)
    {
        var path = Make("gop", $"{Video} {X264} -bf 3 -x264-params {parameters}");

        var track = CompiledTrack.Compile(new MemoryByteSource(File.ReadAllBytes(path)));

        track.Segments.Count.ShouldBeGreaterThan(1);
        track.Summary.IndependentSegments.ShouldBe(independent);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Compare(List<Packet> theirs, List<Packet> readBack, CompiledTrack ours, long origin)
    {
        // What our own index says needs no constant: presentation times are those of the source, and so is every
        // distance of decode times. (ffprobe's own durations are guesses where the frame rate varies.)
        ours.Presentation.ShouldBe(theirs.Select(p => p.Pts.ShouldNotBeNull()));
        ours.Samples.SkipLast(1).Select(s => (long)s.DurationTicks).ShouldBe(theirs.Zip(theirs.Skip(1), (a, b) => (b.Dts - a.Dts).ShouldNotBeNull()));

        readBack.Select(p => (p.Size, p.Hash)).ShouldBe(theirs.Select(p => (p.Size, p.Hash)));
        readBack.Select(p => p.IsKey).ShouldBe(theirs.Select(p => p.IsKey));

        readBack.Select(p => (p.Pts, p.Dts)).ShouldBe(theirs.Select(p => (p.Pts + origin, p.Dts + origin)));
    }

    private static long OriginOf(IByteSource source, Movie movie) => TimelineOrigin.SecondsFor(
        movie.Tracks.Select((track, t) => (CompiledTrack.ScanOf(source, t), track.Timescale)));

    private string Make(string name, string arguments)
    {
        var path = Path.Combine(_folder, string.Concat(name.Where(char.IsAsciiLetterOrDigit)) + ".mp4");
        Ffmpeg.Make(arguments, path);
        return path;
    }
}
