using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Tests;
using Xunit;
using static Sluice.Server.Tests.Probe.MadeFiles;

namespace Sluice.Server.Tests.Probe;

/// <summary>Facts that encoding depends on, of real files that tell them in odd ways or not at all.</summary>
public sealed class SourceFactsTests(MadeFiles files) : IClassFixture<MadeFiles>
{
    private const string X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    private const string Long = "-f lavfi -i testsrc2=s=64x64:r=25:d=60 -f lavfi -i sine=440:d=60:r=48000";

    [Theory]
    [InlineData("a.mkv", "-c:a aac")]
    [InlineData("a.ts", "-c:a aac")]
    [InlineData("a.flv", "-c:a aac")]
    [InlineData("a.avi", "-c:a libmp3lame")]
    [InlineData("a.mp4", "-c:a aac")]
    [InlineData("a.mpg", "-c:v mpeg1video -c:a mp2")]
    public async Task The_end_is_measured_at_the_tail(string name, string arguments)
    {
        var path = files.Make(name, $"{Long} {X264} -g 50 {arguments}");
        var facts = await FactsAsync(path);

        facts.IsMeasured.ShouldBeTrue();
        facts.TruncatedNote.ShouldBeNull();
        facts.DurationSeconds.ShouldBe(60, 0.1);
        (facts.StartSeconds + facts.DurationSeconds).ShouldBe(LastPacketEnd(path), 0.002);
        facts.Streams.ShouldAllBe(s => Math.Abs(s.EndSeconds!.Value - facts.StartSeconds - 60) < 0.1);
    }

    [Fact]
    public async Task A_stream_that_ends_early_is_measured_too()
    {
        var facts = await FactsAsync(files.Make("early.mkv",
            $"-f lavfi -i testsrc2=s=64x64:r=25:d=60 -f lavfi -i sine=440:d=5:r=48000 {X264} -c:a aac"));

        facts.DurationSeconds.ShouldBe(60, 0.1);
        facts.Streams[1].EndSeconds.ShouldNotBeNull().ShouldBe(5, 0.1);
    }

    [Fact]
    public async Task A_length_that_the_container_does_not_tell_is_measured()
    {
        var whole = files.Make("pipe.mkv", $"{Long} {X264} -c:a aac -f matroska -flush_packets 1 -live 1");
        var facts = await FactsAsync(whole);

        facts.PromisedSeconds.ShouldBeNull();
        facts.DurationSeconds.ShouldBe(60, 0.1);
        facts.IsTruncated.ShouldBeFalse();
    }

    [Theory]
    [InlineData("cut.mkv", "-c:a aac")]
    [InlineData("cut.avi", "-c:a libmp3lame")]
    [InlineData("cut.mov", "-c:a pcm_s16le -movflags faststart")]
    public async Task A_file_that_was_cut_off_says_where(string name, string arguments)
    {
        var bytes = await File.ReadAllBytesAsync(files.Make("whole" + Path.GetExtension(name), $"{Long} {X264} -g 50 {arguments}"));
        var path = files.PathOf(name);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);
        var facts = await FactsAsync(path);

        facts.IsTruncated.ShouldBeTrue();
        facts.PromisedSeconds.ShouldNotBeNull().ShouldBe(60, 0.5);
        facts.DurationSeconds.ShouldBeInRange(15, 50);
        facts.TruncatedNote.ShouldNotBeNull().ShouldMatch(@"^the file was cut off after \d+(\.\d)? of 60(\.\d)? seconds$");
    }

    [Fact]
    public async Task Sound_without_a_clock_is_counted()
    {
        // Quiet, then noise: a length guessed from the rate of the first bytes is wrong.
        var path = files.Make("vbr.mp3", "-f lavfi -i anullsrc=r=48000:d=60 -f lavfi -i anoisesrc=d=60:r=48000 "
            + "-filter_complex concat=n=2:v=0:a=1 -c:a libmp3lame -q:a 0 -write_xing 0 -id3v2_version 0");

        (await FactsAsync(path)).DurationSeconds.ShouldBe(120, 0.1);
    }

    [Fact]
    public async Task The_picture_as_it_is_to_be_seen()
    {
        var turned = await PictureAsync("turned.mp4", $"-i {files.Make("upright.mp4", $"{Picture} {X264}")} -c copy -metadata:s:v:0 rotate=90");
        (turned.Width, turned.Height, turned.Rotation).ShouldBe((160, 90, 270)); // As ffmpeg turns it when it decodes.

        var wide = await PictureAsync("wide.mkv", $"{Picture} -vf setsar=4/3 {X264}");
        wide.SampleAspectRatio.ShouldBe(new Rational(4, 3));

        var fields = await PictureAsync("fields.mkv", $"-f lavfi -i testsrc2=s=160x96:r=50:d=2 -vf interlace {X264} -x264-params tff=1");
        fields.IsInterlaced.ShouldBeTrue();
        fields.FrameRate.ShouldBe(new Rational(25, 1));

        var chroma = await PictureAsync("chroma.mkv", $"{Picture} -c:v libx264 -pix_fmt yuv444p10le");
        (chroma.BitDepth, chroma.ChromaFormat).ShouldBe((10, 3));
    }

    [Theory]
    [InlineData("smpte2084", "PQ")]
    [InlineData("arib-std-b67", "HLG")]
    public async Task High_dynamic_range(string transfer, string words)
    {
        var picture = await PictureAsync($"{words}.mkv", $"{Picture} -c:v libx265 -pix_fmt yuv420p10le "
            + $"-x265-params log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc "
            + $"-color_primaries bt2020 -color_trc {transfer} -colorspace bt2020nc -color_range tv");

        picture.IsHdr.ShouldBeTrue();
        picture.Color.ShouldBe(new StreamColor("bt2020", transfer, "bt2020nc", "tv"));
        StreamText.Of(picture).ShouldEndWith($"160x90, {words}");
    }

    [Fact]
    public async Task Frames_without_a_grid()
    {
        // Every third frame is missing, and times are rounded to milliseconds.
        var picture = await PictureAsync("vfr.mkv", $"-f lavfi -i testsrc2=s=64x64:r=30000/1001:d=10 -vf select='mod(n,3)' -fps_mode vfr {X264}");

        picture.FrameRate.ShouldNotBeNull().Value.ShouldBeInRange(19.9, 30);
        var steady = await PictureAsync("ntsc.mkv", $"-f lavfi -i testsrc2=s=64x64:r=24000/1001:d=10 {X264}");
        steady.FrameRate.ShouldBe(new Rational(24000, 1001));
        steady.IsVariableRate.ShouldBeFalse();
    }

    [Theory]
    [InlineData("90000/1", "24975/1000", "25/1", true)]
    [InlineData("1000/1", "29970/1001", "30000/1001", true)]
    [InlineData("50/1", "25/1", "25/1", true)]
    [InlineData("30000/1001", "30000/1001", "30000/1001", false)]
    [InlineData("25/1", "0/0", "25/1", false)]
    [InlineData("0/0", "0/0", null, false)]
    [InlineData("90000/1", "0/0", null, false)]
    [InlineData("120000/1001", "26/1", "30000/1001", true)]
    [InlineData("240/1", "240/1", "120/1", true)]
    [InlineData("1/1", "1/1", "1/1", false)]
    [InlineData("90000/1", "3/2", "3/2", true)]
    public void Frame_rates(string real, string average, string? expected, bool variable)
    {
        var (rate, isVariable) = FrameRates.Choose(FfprobeText.Fraction(real), FfprobeText.Fraction(average));

        (rate is { } r ? $"{r.Numerator}/{r.Denominator}" : null).ShouldBe(expected);
        isVariable.ShouldBe(variable);
    }

    [Fact]
    public void Packets_come_in_pieces_and_with_holes()
    {
        var lines = "0,0,0,40\n1,N/A,5,N/A\n0,80,40,40\n1,N/A,25,N/A\n0,40,80,40\njunk\n0,9223372036854775807,1,1\n\n1,N/A,N/A,3\n"u8;
        foreach (var size in (int[])[1, 3, 7, 1000])
        {
            var ends = new PacketEnds();
            for (var at = 0; at < lines.Length; at += size)
            {
                ends.Add(lines.Slice(at, Math.Min(size, lines.Length - at)));
            }

            (ends.CountOf(0), ends.CountOf(1), ends.CountOf(2)).ShouldBe((4, 3, 0));
            ends.EndOf(0, 40).ShouldBe(120);
            ends.EndOf(1, 0).ShouldBe(45);
            ends.EndOf(1, 10).ShouldBe(35);
            ends.EndOf(2, 10).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    [InlineData(86400)]
    public async Task Recordings_that_were_joined_are_as_long_as_all_of_them(int offset)
    {
        var first = files.Make("part.ts", $"{Long} {X264} -g 50 -c:a aac -t 30");
        var second = files.Make("next.ts", $"{Long} {X264} -g 50 -c:a aac -t 40 -output_ts_offset {offset}");
        var path = files.PathOf("joined.ts");
        await File.WriteAllBytesAsync(path, [.. await File.ReadAllBytesAsync(first), .. await File.ReadAllBytesAsync(second)]);
        var (facts, _) = await new SourceReader(new FfmpegTools()).ReadAllAsync(path, TestContext.Current.CancellationToken);

        facts.ShouldNotBeNull().DurationSeconds.ShouldBe(70, 0.2);
        facts.Streams.ShouldAllBe(s => Math.Abs(s.EndSeconds!.Value - facts.StartSeconds - 70) < 0.2);
    }

    [Fact]
    public async Task All_packets_tell_the_same_of_a_clock_that_does_not_jump_but_begins_anew()
    {
        // 2^33 ticks are 95443.7 seconds.
        var path = files.Make("wrap.ts", $"{Long} {X264} -g 50 -c:a aac -output_ts_offset 95400");
        var (all, _) = await new SourceReader(new FfmpegTools()).ReadAllAsync(path, TestContext.Current.CancellationToken);

        all.ShouldNotBeNull().DurationSeconds.ShouldBe(60, 0.1);
        (await FactsAsync(path)).DurationSeconds.ShouldBe(all.DurationSeconds, 0.001);
    }

    [Theory]
    [InlineData("0,0,0,10\n0,0,10,10\n0,0,900000,10\n", 0)] // A hole of not quite ten seconds.
    [InlineData("0,0,0,10\n0,0,900021,10\n", 10 - 900021)]
    [InlineData("0,0,50000,10\n0,0,41000,10\n", 0)] // Disorder of a tenth of a second.
    [InlineData("0,0,50000,10\n0,0,40000,10\n", 10010)]
    [InlineData("5,0,0,10\n5,0,9000000,10\n5,0,0,10\n", 0)] // Subtitles.
    [InlineData("0,0,0,10\n1,0,0,20\n0,0,9000000,10\n1,0,9000012,20\n", 10 - 9000000)] // The second stream moves along.
    public void A_clock_is_straightened_as_ffmpeg_does(string lines, long shift)
    {
        var clock = new JumpingClock(new HashSet<int> { 0, 1 });
        new PacketEnds(clock).Add(System.Text.Encoding.ASCII.GetBytes(lines));

        (clock.Shift, clock.HasJumped).ShouldBe((shift, shift != 0));
    }

    private async Task<StreamFacts> PictureAsync(string name, string arguments) =>
        (await FactsAsync(files.Make(name, arguments))).Picture.ShouldNotBeNull();

    private static double LastPacketEnd(string path) => Ffmpeg.TryProbe("-show_entries packet=pts_time,dts_time,duration_time -of csv=p=0", path)
        .Select(l => l.Split(',')).Select(p => (p[0] == "N/A" ? Number(p[1]) : Number(p[0])) + Number(p[2])).Max();

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
