using System.Globalization;
using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Where a viewer may come in, with ffprobe and ffmpeg as the judges.</summary>
public sealed class TsDemuxerTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    public static TheoryData<string> Videos => ["avc", "avc-open", "avc-no-delimiter", "hevc", "mpeg2"];

    [Theory]
    [MemberData(nameof(Videos))]
    public void Points_are_the_key_pictures_whatever_the_flags_say(string name)
    {
        var wanted = KeyPictures(streams.Write(name + "-keys.ts", streams[name]));
        wanted.Count.ShouldBeGreaterThanOrEqualTo(4);
        foreach (var (what, stream) in new[] { ("as it is", streams[name]), ("never", Flags(streams[name], false)), ("always", Flags(streams[name], true)) })
        {
            new LiveTs().Feed(stream, 1000).Points.Select(p => p.PtsTicks!.Value).ShouldBe(wanted, $"random_access_indicator: {what}");
        }
    }

    [Theory]
    [InlineData("avc", TsCodec.Avc, false)]
    [InlineData("avc-open", TsCodec.Avc, true)]
    [InlineData("hevc", TsCodec.Hevc, false)]
    [InlineData("mpeg2", TsCodec.Mpeg2Video, true)]
    [InlineData("audio", TsCodec.Audio, false)]
    public void The_program_and_the_kind_of_points_are_known(string name, TsCodec codec, bool isOpen)
    {
        var live = new LiveTs().Feed(streams[name]);

        live.Demuxer.Program.ShouldNotBeNull().Lead!.Value.Codec.ShouldBe(codec);
        live.Points.Skip(1).ShouldAllBe(p => p.IsOpen == isOpen);
    }

    [Theory]
    [InlineData("avc")]
    [InlineData("avc-no-delimiter")]
    [InlineData("hevc")]
    [InlineData("audio")]
    public void Whoever_comes_in_at_any_point_decodes_without_an_error(string name)
    {
        var live = new LiveTs().Feed(streams[name]);
        live.Points.Count.ShouldBeGreaterThanOrEqualTo(4);
        foreach (var point in live.Points)
        {
            var bytes = live.From(point);
            TsWalk.UnannouncedJumps(TsWalk.Packets(bytes)).ShouldBeEmpty();
            var file = streams.Write($"{name}-join.ts", bytes);
            Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
            var select = name == "audio" ? "a" : "v";
            Ffmpeg.Probe($"-select_streams {select} -read_intervals %+#1 -show_entries packet=pts,flags -of csv=p=0", file)[0]
                .ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"{point.PtsTicks},K"));
        }
    }

    [Theory]
    [InlineData("avc")]
    [InlineData("hevc")]
    public void A_viewer_that_is_moved_on_sees_no_jump_that_is_not_announced(string name)
    {
        var live = new LiveTs().Feed(streams[name]);
        var output = live.Output;
        foreach (var left in new[] { 500, 501, 502, 503, 777, 901 })
        {
            var stream = TsWalk.Packets([.. output.AsSpan(0, left * 188), .. live.From(live.Points[^1])]);

            TsWalk.UnannouncedJumps(stream).ShouldBeEmpty();
            stream.Where(p => p.Discontinuity).Select(p => p.Pid).Order().ShouldBe([0, 0x11, 0x100, 0x101, 0x1000]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Key_pictures_are_points_with_or_without_parameter_sets(int withSets)
    {
        var points = new LiveTs().Feed(WithoutSets(streams["avc"], withSets)).Points;

        points.Count.ShouldBe(4);
        points.Select(p => !p.Sets.IsEmpty).ShouldBe(Enumerable.Range(0, 4).Select(n => withSets > 0 && n >= withSets));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Whoever_comes_in_gets_parameter_sets_that_the_stream_brought_once(int withSets)
    {
        var live = new LiveTs().Feed(WithoutSets(streams["avc"], withSets), 1000);
        foreach (var point in live.Points)
        {
            var bytes = live.From(point);
            TsWalk.UnannouncedJumps(TsWalk.Packets(bytes)).ShouldBeEmpty();
            var file = streams.Write("once-join.ts", bytes);
            Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
            Ffmpeg.Probe("-select_streams v -read_intervals %+#1 -show_entries packet=pts,flags -of csv=p=0", file)[0]
                .ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"{point.PtsTicks},K"));
        }
    }

    [Fact]
    public void Points_of_audio_are_half_a_second_apart()
    {
        var times = new LiveTs().Feed(streams["audio"]).Points.Select(p => p.PtsTicks!.Value).ToList();

        times.Zip(times.Skip(1)).Select(p => p.Second - p.First).ShouldAllBe(d => d >= 45_000 && d < 90_000);
    }

    [Fact]
    public void A_program_that_changes_is_followed()
    {
        var live = new LiveTs().Feed(streams["avc"]).Seam(isBreak: true).Feed(streams["mpeg2"]).Seam(isBreak: true).Feed(streams["avc"]);

        live.Points.Count.ShouldBe(4 + KeyPictures(streams.Write("mpeg2.ts", streams["mpeg2"])).Count + 4);
        var last = streams.Write("changed.ts", live.From(live.Points[^1]));
        Ffmpeg.Run("-xerror -i", last, "-f", "null", "-");
    }

    [Fact]
    public void A_map_that_does_not_fit_a_packet_is_put_together_and_sent_whole()
    {
        var file = streams.Write("wide.ts", []);
        Ffmpeg.Make($"-f lavfi -i testsrc2=size=64x64:rate=25:duration=2 {string.Concat(Enumerable.Repeat(" -f lavfi -i anullsrc=d=2", 30))} -map 0 "
            + string.Join(' ', Enumerable.Range(1, 30).Select(n => $"-map {n}")) + " -c:v libx264 -preset ultrafast -g 25 -c:a mp2 -b:a 32k -f mpegts", file);

        var live = new LiveTs().Feed(File.ReadAllBytes(file), 333);

        live.Demuxer.Program!.Streams.Count.ShouldBe(31);
        var joined = streams.Write("wide-join.ts", live.From(live.Points[^1]));
        TsWalk.UnannouncedJumps(TsWalk.Packets(File.ReadAllBytes(joined))).ShouldBeEmpty();
        Ffmpeg.Probe("-show_entries stream=codec_name -of csv=p=0", joined).Length.ShouldBeGreaterThanOrEqualTo(31);
    }

    [Fact]
    public void A_section_with_a_wrong_checksum_is_not_believed()
    {
        var stream = (byte[])streams["avc"].Clone();
        var map = TsWalk.Packets(stream).FindIndex(p => p.Pid == 0x1000) * 188;
        stream[map + 20] ^= 1;

        new LiveTs().Feed(stream.AsSpan(0, map + (20 * 188))).Demuxer.Program.ShouldBeNull();
    }

    [Fact]
    public void Streams_of_other_projects_are_followed_as_ffprobe_follows_them()
    {
        foreach (var file in Directory.GetFiles(RepositoryRoot.Corpus("ts"), "*.ts"))
        {
            var live = new LiveTs().Feed(File.ReadAllBytes(file), 5000);

            TsWalk.UnannouncedJumps(TsWalk.Packets(live.Output)).ShouldBeEmpty(file);
            live.Points.ShouldNotBeEmpty(file);
            if (live.Demuxer.Program!.Lead!.Value.IsVideo)
            {
                live.Points.Select(p => p.PtsTicks!.Value).ShouldBe(KeyPictures(file).Select(t => t & 0x1_FFFF_FFFF), file);
            }
        }
    }

    private static List<long> KeyPictures(string file) =>
    [
        .. Ffmpeg.TryProbe("-select_streams v -show_entries packet=pts,flags -of csv=p=0", file)
            .Select(line => line.Split(',')).Where(p => p[1].StartsWith('K')).Select(p => long.Parse(p[0], CultureInfo.InvariantCulture)),
    ];

    /// <summary>The same stream, in which only the first so many key pictures have parameter sets; the others are filler data now.</summary>
    private static byte[] WithoutSets(byte[] stream, int keep)
    {
        var changed = (byte[])stream.Clone();
        var seen = 0;
        for (var at = 0; at + 4 < changed.Length; at++)
        {
            if (changed.AsSpan(at, 3).SequenceEqual((ReadOnlySpan<byte>)[0, 0, 1]) && changed[at + 3] is 0x67 or 0x68 && seen++ >= 2 * keep)
            {
                changed[at + 3] = 0x6C;
            }
        }

        seen.ShouldBe(8, "a sequence and a picture set before each of four");
        return changed;
    }

    /// <summary>The same stream with random_access_indicator on every packet of video that has room for it, or on none.</summary>
    private static byte[] Flags(byte[] stream, bool isSet)
    {
        var changed = (byte[])stream.Clone();
        for (var at = 0; at < changed.Length; at += 188)
        {
            if ((changed[at + 3] & 0x20) != 0 && changed[at + 4] > 0)
            {
                changed[at + 5] = (byte)(isSet ? changed[at + 5] | 0x40 : changed[at + 5] & ~0x40);
            }
        }

        return changed;
    }
}
