using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Probe;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Probe;

/// <summary>What triage makes of files that are not simply played.</summary>
public sealed class TriageTests : IDisposable
{
    private const string Picture = "-f lavfi -i testsrc2=s=160x90:r=25:d=2";
    private const string Sound = "-f lavfi -i sine=440:d=2";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-triage-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("a.mkv", Picture + " " + Sound + " -c:v libx264 -c:a aac", "a Matroska or WebM file")]
    [InlineData("a.webm", Picture + " -c:v libvpx -b:v 100k", "a Matroska or WebM file")]
    [InlineData("a.ts", Picture + " -c:v libx264", "an MPEG transport stream")]
    [InlineData("a.mpg", Picture + " -c:v mpeg2video", "an MPEG program stream")]
    [InlineData("a.avi", Picture + " -c:v mpeg4", "an AVI file")]
    [InlineData("a.flv", Picture + " -c:v libx264", "a Flash video file")]
    [InlineData("a.mp3", Sound + " -c:a libmp3lame", "an MP3 file")]
    [InlineData("b.mp3", Sound + " -c:a libmp3lame -id3v2_version 0 -write_xing 0", "an MP3 file")]
    [InlineData("a.aac", Sound + " -c:a aac", "a bare AAC file")]
    [InlineData("a.flac", Sound + " -c:a flac", "a FLAC file")]
    [InlineData("a.wav", Sound, "a WAV file")]
    [InlineData("a.ogg", Sound + " -c:a libopus", "an Ogg file")]
    public void Other_containers_are_kept_with_their_name(string name, string arguments, string expected)
    {
        var verdict = Judge(Make(name, arguments));

        verdict.RefusedReason.ShouldBeNull();
        verdict.Reason.ShouldNotBeNull().ShouldContain(expected);
    }

    [Fact]
    public void Noise_is_no_container()
    {
        var random = new Random(11172);
        for (var i = 0; i < 2000; i++)
        {
            var noise = new byte[random.Next(1, 4000)];
            random.NextBytes(noise);
            Containers.Recognise(new MemoryByteSource(noise)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("cover.mp4")]
    [InlineData("cover.mov")]
    public void A_cover_picture_does_not_stand_in_the_way_of_its_music(string name)
    {
        var verdict = Judge(Make(name, Sound + " -f lavfi -i testsrc2=s=64x64:d=0.04:r=25 -map 0 -map 1 -c:a aac -c:v mjpeg"));

        verdict.Reason.ShouldBeNull();
        verdict.Loss.ShouldBeNull();
        verdict.Tracks.Select(t => t.Verdict.Action).ShouldBe(["copy", "drop"]);
        verdict.Tracks[1].Verdict.Reason.ShouldContain("cover");
    }

    [Fact]
    public void A_film_whose_picture_is_damaged_plays_as_sound_and_says_so()
    {
        var path = Make("film.mp4", Picture + " " + Sound + " -c:v libx264 -c:a aac");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan().IndexOf("avcC"u8).ShouldBePositive();
        "junk"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("avcC"u8)));
        var verdict = Triage.Judge(new MemoryByteSource(bytes));

        verdict.Reason.ShouldBeNull();
        verdict.Loss.ShouldNotBeNull().ShouldStartWith("it plays without its picture");
    }

    [Fact]
    public void A_film_that_was_cut_off_plays_up_to_there_and_says_so()
    {
        var bytes = File.ReadAllBytes(Make("film.mp4", Picture + " " + Sound + " -c:v libx264 -c:a aac -movflags faststart"));
        var verdict = Triage.Judge(new MemoryByteSource(bytes.AsMemory(0, bytes.Length - 20_000)));

        verdict.Reason.ShouldBeNull();
        verdict.Loss.ShouldNotBeNull().ShouldContain("cut off");
    }

    private static TriageResult Judge(string path) => Triage.Judge(new MemoryByteSource(File.ReadAllBytes(path)));

    private string Make(string name, string arguments)
    {
        var path = Path.Combine(_folder.FullName, name);
        Ffmpeg.Make(arguments, path);
        return path;
    }
}
