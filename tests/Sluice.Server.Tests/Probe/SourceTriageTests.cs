using Shouldly;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Xunit;
using static Sluice.Server.Tests.Probe.MadeFiles;
using Triage = Sluice.Server.Probe.Triage;

namespace Sluice.Server.Tests.Probe;

/// <summary>Real files of every kind that people have, and what is done with each of their tracks.</summary>
public sealed class SourceTriageTests(MadeFiles files) : IClassFixture<MadeFiles>
{
    private const string X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

    private const string Subtitled = "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -f lavfi -i sine=440:d=2:r=48000 -f lavfi -i sine=880:d=2:r=48000";

    // Name, arguments, fate, "action kind description" of each track; the reason of the first track that is encoded.
    [Theory]
    [InlineData("a.mp3", Sound + " -c:a libmp3lame", "Encode", "encode audio mp3 48000 Hz mono", "Chromium does not play MP3 in MP4 segments")]
    [InlineData("a.flac", Sound + " -c:a flac", "Remux", "remux audio flac 48000 Hz mono", null)]
    [InlineData("a.wav", Sound, "Encode", "encode audio pcm_s16le 48000 Hz mono", "browsers do not play uncompressed audio in MP4")]
    [InlineData("vorbis.ogg", Sound + " -c:a libvorbis", "Encode", "encode audio vorbis 48000 Hz mono", "browsers do not play Vorbis in MP4 segments")]
    [InlineData("opus.ogg", Sound + " -c:a libopus", "Remux", "remux audio opus 48000 Hz mono", null)]
    [InlineData("a.aac", Sound + " -c:a aac", "Remux", "remux audio aac LC 48000 Hz mono", null)]
    [InlineData("a.m4a", Sound + " -c:a aac", "Ready", "copy audio aac LC 48000 Hz mono", null)]
    [InlineData("alac.m4a", Sound + " -c:a alac", "Encode", "encode audio alac 48000 Hz mono", "browsers do not play Apple Lossless")]
    [InlineData("a.avi", Picture + " " + Sound + " -c:v mpeg4 -c:a libmp3lame", "Encode",
        "encode video mpeg4 Simple Profile 4:2:0 8-bit, 160x90; encode audio mp3 48000 Hz mono", "browsers do not play MPEG-4 part 2 video")]
    [InlineData("h264.avi", Picture + " " + X264 + " -bf 2", "Encode", "encode video h264 Main 4:2:0 8-bit, 160x90",
        "AVI does not say when its pictures are to be shown")]
    [InlineData("h264.mkv", Picture + " " + Sound + " " + X264 + " -c:a aac", "Remux",
        "remux video h264 Constrained Baseline 4:2:0 8-bit, 160x90; remux audio aac LC 48000 Hz mono", null)]
    [InlineData("ten.mkv", Picture + " -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le", "Encode", "encode video h264 High 10 4:2:0 10-bit, 160x90",
        "browsers do not play 10-bit H.264")]
    [InlineData("hevc10.mkv", Picture + " " + Sound + " -c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le -c:a ac3", "Encode",
        "encode video hevc Main 10 4:2:0 10-bit, 160x90; encode audio ac3 48000 Hz mono", "not all browsers play HEVC; the original follows")]
    [InlineData("ac3.mkv", Picture + " " + Sound + " " + X264 + " -c:a ac3", "Remux",
        "remux video h264 Constrained Baseline 4:2:0 8-bit, 160x90; encode audio ac3 48000 Hz mono", "browsers do not play AC-3")]
    [InlineData("aac.avi", Picture + " " + Sound + " -c:v mpeg4 -c:a aac", "Encode",
        "encode video mpeg4 Simple Profile 4:2:0 8-bit, 160x90; encode audio aac LC 48000 Hz mono", "browsers do not play MPEG-4 part 2 video")]
    [InlineData("prores.mov", Picture + " " + Sound + " -c:v prores_ks -profile:v 2 -c:a pcm_s16le", "Encode",
        "encode video prores 422 4:2:2 10-bit, 160x90; encode audio pcm 48000 Hz mono", "browsers do not play ProRes")]
    [InlineData("vp8.webm", Picture + " " + Sound + " -c:v libvpx -b:v 100k -c:a libvorbis", "Encode",
        "encode video vp8 4:2:0 8-bit, 160x90; encode audio vorbis 48000 Hz mono", "browsers do not play VP8 in MP4 segments")]
    [InlineData("vp9.webm", Picture + " " + Sound + " -c:v libvpx-vp9 -b:v 100k -cpu-used 8 -deadline realtime -c:a libopus", "Remux",
        "remux video vp9 Profile 0 4:2:0 8-bit, 160x90; remux audio opus 48000 Hz mono", null)]
    [InlineData("h264.flv", Picture + " " + Sound + " " + X264 + " -c:a aac", "Remux",
        "remux video h264 Constrained Baseline 4:2:0 8-bit, 160x90; remux audio aac LC 48000 Hz mono", null)]
    [InlineData("sorenson.flv", Picture + " " + Sound + " -c:v flv -c:a libmp3lame -ar 44100", "Encode",
        "encode audio mp3 44100 Hz mono; encode video flv1 4:2:0 8-bit, 160x90", "Chromium does not play MP3 in MP4 segments")]
    [InlineData("h264.ts", Picture + " " + Sound + " " + X264 + " -c:a aac", "Remux",
        "remux video h264 Constrained Baseline 4:2:0 8-bit, 160x90; remux audio aac LC 48000 Hz mono", null)]
    [InlineData("mpeg2.ts", Picture + " " + Sound + " -c:v mpeg2video -c:a mp2", "Encode",
        "encode video mpeg2video Main 4:2:0 8-bit, 160x90; encode audio mp2 48000 Hz mono", "browsers do not play MPEG-2 video")]
    [InlineData("a.mpg", Picture + " " + Sound + " -c:v mpeg1video -c:a mp2", "Encode",
        "encode video mpeg1video 4:2:0 8-bit, 160x90; encode audio mp2 48000 Hz mono", "browsers do not play MPEG-1 video")]
    [InlineData("a.wmv", Picture + " " + Sound + " -c:v wmv2 -c:a wmav2", "Encode",
        "encode video wmv2 4:2:0 8-bit, 160x90; encode audio wmav2 48000 Hz mono", "browsers do not play Windows Media Video")]
    [InlineData("a.3gp", "-f lavfi -i testsrc2=s=176x144:r=25:d=2 " + Sound + " -c:v h263 -c:a aac", "Encode",
        "encode video h263 4:2:0 8-bit, 176x144; copy audio aac LC 48000 Hz mono", "browsers do not play H.263")]
    [InlineData("bare.h264", Picture + " " + X264 + " -f h264", "Remux", "remux video h264 Constrained Baseline 4:2:0 8-bit, 160x90", null)]
    [InlineData("a.aiff", Sound, "Encode", "encode audio pcm_s16be 48000 Hz mono", "browsers do not play uncompressed audio in MP4")]
    [InlineData("tv.ts", "-f lavfi -i testsrc2=s=160x96:r=50:d=2 -vf interlace -c:v mpeg2video -flags +ildct+ilme", "Encode",
        "encode video mpeg2video Main 4:2:0 8-bit, 160x96, interlaced", "it is interlaced, which browsers show with combs")]
    public async Task Every_kind(string name, string arguments, string fate, string tracks, string? reason)
    {
        var verdict = await JudgeAsync(files.Make(name, arguments));

        verdict.Tracks.Select(t => $"{t.Verdict.Action} {t.Verdict.Kind} {t.Verdict.Description}").ShouldBe(tracks.Split("; "));
        verdict.Fate.ToString().ShouldBe(fate);
        verdict.Loss.ShouldBeNull();
        verdict.DurationSeconds.ShouldBe(2, 0.1);
        var encoded = verdict.Tracks.Where(t => t.Verdict.Action == Triage.Encode).ToList();
        var why = encoded.Count > 0 ? encoded[0].Verdict.Reason : null;
        why.ShouldBe(reason);
        encoded.ShouldAllBe(t => t.Stream != null && t.Stream.IsDecodable);
        verdict.Remuxed.Select(t => t.Verdict.Id).ShouldBe(
            verdict.Remuxed.Any(t => t.IsVideo) ? ["v0", .. verdict.Remuxed.Skip(1).Select((_, i) => $"a{i}")] : verdict.Remuxed.Select((_, i) => $"a{i}"));
        (verdict.Reason is null).ShouldBe(fate == "Ready");
    }

    [Fact]
    public async Task Tracks_of_an_mp4_are_found_again_in_ffmpegs_numbers()
    {
        // Sound first, and track numbers that are no indexes.
        var verdict = await JudgeAsync(files.Make("mixed.mov",
            $"{Sound} {Picture} -map 0 -map 1 -c:v prores_ks -c:a pcm_s16le -streamid 0:7 -streamid 1:3"));

        verdict.Fate.ShouldBe(SourceFate.Encode);
        verdict.EncodedPicture.ShouldNotBeNull().Stream!.Index.ShouldBe(1);
        verdict.EncodedSounds.ShouldHaveSingleItem().Stream!.Index.ShouldBe(0);
        verdict.EncodedPicture.Verdict.Reason.ShouldBe("browsers do not play ProRes");
        verdict.Reason.ShouldBe(verdict.Movie!.Reason);
    }

    [Fact]
    public async Task A_film_with_languages_and_subtitles()
    {
        var text = files.PathOf("t.srt");
        await File.WriteAllTextAsync(text, "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
        var path = files.Make("film.mkv", $"{Subtitled} -i {text} -map 0 -map 1 -map 2 -map 3 {X264} -c:a:0 aac -c:a:1 ac3 -c:s srt"
            + " -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger -metadata:s:a:1 title=Kommentar -metadata:s:s:0 language=fre");
        var verdict = await JudgeAsync(path);

        verdict.Fate.ShouldBe(SourceFate.Remux);
        verdict.Tracks.Select(t => (t.Verdict.Action, t.Verdict.Language, t.Verdict.Name)).ShouldBe(
            [("remux", null, null), ("remux", "en", null), ("encode", "de", "Kommentar"), ("drop", "fr", null)]);
        verdict.Tracks[1].Verdict.Reason.ShouldBe("aac in Matroska: repackaged, not encoded");
        verdict.Tracks[3].Stream!.IsImageText.ShouldBeFalse();
    }

    [Theory]
    [InlineData("cover.m4a", "-c:a aac -c:v mjpeg -disposition:v:0 attached_pic", "Ready")]
    [InlineData("cover.mp3", "-c:a libmp3lame -c:v mjpeg -disposition:v:0 attached_pic", "Encode")]
    [InlineData("cover.flac", "-c:a flac -c:v png -disposition:v:0 attached_pic", "Remux")]
    [InlineData("cover.mkv", "-c:a flac -c:v mjpeg", "Remux")]
    public async Task A_cover_is_no_picture(string name, string arguments, string fate)
    {
        var verdict = await JudgeAsync(files.Make(name, $"{Sound} -f lavfi -i testsrc2=s=64x64:d=0.04:r=25 -map 0 -map 1 {arguments}"));

        verdict.Fate.ToString().ShouldBe(fate);
        verdict.Loss.ShouldBeNull();
        verdict.Tracks.Where(t => t.IsVideo).ShouldAllBe(t => t.Verdict.Action == "drop" && t.Verdict.Reason == "it is a cover picture");
        verdict.EncodedPicture.ShouldBeNull();
    }

    [Fact]
    public async Task Without_ffmpeg_everything_is_kept_with_what_to_do()
    {
        var none = MadeFiles.Triage(new FfmpegTools(searchPath: Path.GetTempPath()));
        var film = await none.JudgeAsync(files.Make("b.mkv", $"{Picture} {X264}"), TestContext.Current.CancellationToken);
        var movie = await none.JudgeAsync(files.Make("b.mov", $"{Picture} -c:v prores_ks"), TestContext.Current.CancellationToken);

        film.Fate.ShouldBe(SourceFate.Kept);
        film.Reason.ShouldBe("it is a Matroska or WebM file, which is to be repackaged before it plays; "
            + "ffmpeg is not installed here; install it with `apt-get install ffmpeg`");
        movie.Fate.ShouldBe(SourceFate.Kept);
        movie.Reason.ShouldNotBeNull().ShouldContain("browsers do not play ProRes; ffmpeg is not installed here");
    }

    [Fact]
    public async Task A_file_that_there_was_no_time_for_is_not_refused()
    {
        var folder = Path.GetDirectoryName(files.PathOf("x"))!;
        await File.WriteAllTextAsync(Path.Combine(folder, "ffmpeg"), "#!/bin/sh\necho 'ffmpeg version 5.1 stub'\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "ffprobe"), "#!/bin/sh\nsleep 60\n");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Not tested: needs a shell.");
        foreach (var program in Directory.GetFiles(folder))
        {
#pragma warning disable CA1416 // Skipped above.
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        }

        var tools = new FfmpegTools(searchPath: folder);
        var hurried = new SourceTriage(tools, new SourceReader(tools) { HeaderTime = TimeSpan.FromMilliseconds(500) });
        var verdict = await hurried.JudgeAsync(files.Make("c.mkv", $"{Picture} {X264}"), TestContext.Current.CancellationToken);

        verdict.Fate.ShouldBe(SourceFate.Kept);
        verdict.Reason.ShouldBe("it took too long to find out what it is");
    }

    [Fact]
    public async Task What_is_no_media_is_refused_with_a_reason()
    {
        var random = new Random(13818);
        var noise = new byte[200_000];
        random.NextBytes(noise);
        byte[][] contents =
        [
            [], "no film"u8.ToArray(), noise, [.. "ftyp"u8, .. noise], "1\n00:00:00,000 --> 00:00:01,000\nHello\n"u8.ToArray(),
            "#EXTM3U\n#EXTINF:1,\nother.ts\n"u8.ToArray(), [0x1A, 0x45, 0xDF, 0xA3, .. noise], [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0],
            "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"u8.ToArray(), "%PDF-1.4\n"u8.ToArray(), "RIFF....AVI LIST"u8.ToArray(),
        ];
        foreach (var content in contents)
        {
            var path = files.PathOf("film.mp4");
            await File.WriteAllBytesAsync(path, content);
            var verdict = await JudgeAsync(path);

            verdict.Fate.ShouldBe(SourceFate.Refused);
            verdict.Reason.ShouldNotBeNullOrEmpty();
            verdict.Reason.ShouldNotContain(Path.DirectorySeparatorChar + "tmp");
        }
    }

    [Fact]
    public async Task What_could_not_be_repackaged_is_encoded()
    {
        var facts = await FactsAsync(files.Make("again.mkv", $"{Picture} {Sound} {X264} -c:a aac"));
        var verdict = StreamTriage.Judge(facts, mayRemux: false);

        verdict.Fate.ShouldBe(SourceFate.Encode);
        verdict.Tracks.ShouldAllBe(t => t.Verdict.Action == Triage.Encode && t.Verdict.Reason == "it could not be repackaged");
        verdict.OfferedPicture.ShouldBe(facts.Streams[0]);
        verdict.OfferedSounds.ShouldBe([facts.Streams[1]]);
    }

    [Fact]
    public async Task A_codec_that_may_not_be_decoded_is_left_out()
    {
        var verdict = await JudgeAsync(files.Make("snow.avi", $"{Picture} {Sound} -c:v snow -strict -2 -c:a pcm_s16le"));

        verdict.Fate.ShouldBe(SourceFate.Encode);
        verdict.Tracks[0].Verdict.Action.ShouldBe("drop");
        verdict.Loss.ShouldNotBeNull().ShouldStartWith("it plays without its picture: video snow");
    }

    [Fact]
    public void A_long_uncompressed_sound_is_not_looked_through()
    {
        using var source = new FileByteSource(files.Make("long.mov", "-f lavfi -i sine=440:d=30:r=48000 -c:a pcm_s16le"));
        var sound = SourceProbe.TryRead(source, out _).ShouldNotBeNull().Tracks.ShouldHaveSingleItem();

        sound.Scan.ShouldNotBeNull().SampleCount.ShouldBe(1 << 20);
        sound.Scan.IsPartial.ShouldBeTrue();
        sound.Seconds.ShouldBe(0, "where it ends is not known");
    }

    [Fact]
    public void A_short_one_is()
    {
        using var source = new FileByteSource(files.Make("short.mov", "-f lavfi -i sine=440:d=2:r=48000 -c:a pcm_s16le"));
        var sound = SourceProbe.TryRead(source, out _).ShouldNotBeNull().Tracks.ShouldHaveSingleItem();

        sound.Scan.ShouldNotBeNull().IsPartial.ShouldBeFalse();
        sound.Seconds.ShouldBe(2);
    }
}
