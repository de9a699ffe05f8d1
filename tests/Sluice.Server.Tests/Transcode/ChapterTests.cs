using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>Chapters of real files, by the real ffmpeg.</summary>
public sealed class ChapterTests : IDisposable
{
    private const string Metadata =
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=Opening\n"
        + "[CHAPTER]\nTIMEBASE=1/1000\nSTART=4000\nEND=9500\ntitle=Füße & <b>more</b>\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=9500\nEND=12000\ntitle=Credits\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-chapters-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("film.mp4", "-c:v libx264 -preset ultrafast -c:a aac")]
    [InlineData("film.mkv", "-c:v libx264 -preset ultrafast -c:a aac")]
    [InlineData("film.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis")]
    public async Task A_films_chapters_are_kept_with_it(string name, string codecs)
    {
        await using var rig = await ExtrasRig.PublishAsync(Film(name, codecs));
        (await rig.WorkAsync()).Reason.ShouldBeNull();
        var chapters = (await rig.AssetAsync()).Extras.Chapters;
        chapters.Select(c => c.Title).ShouldBe(["Opening", "Füße & <b>more</b>", "Credits"]);
        chapters.Select(c => c.StartSeconds).ShouldBe([0, 4, 9.5], 0.05);
        chapters[^1].EndSeconds.ShouldBeInRange(11.9, 12.1);
    }

    [Fact]
    public async Task A_film_without_has_none()
    {
        var plain = Path.Combine(_folder.FullName, "plain.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=320x180:r=25:d=3 -c:v libx264 -preset ultrafast", plain);
        await using var rig = await ExtrasRig.PublishAsync(plain);
        (await rig.WorkAsync()).State.ShouldBe(JobState.Done);
        (await rig.AssetAsync()).Extras.Chapters.ShouldBeEmpty();
    }

    private string Film(string name, string codecs)
    {
        var metadata = Path.Combine(_folder.FullName, "chapters.txt");
        File.WriteAllText(metadata, Metadata);
        var film = Path.Combine(_folder.FullName, name);
        Ffmpeg.Make($"-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:r=48000:d=12 -i {metadata} -map_metadata 2 -map 0 -map 1 {codecs}", film);
        return film;
    }
}
