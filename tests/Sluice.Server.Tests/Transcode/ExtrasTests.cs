using System.Text.Json;
using Shouldly;
using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Extras;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>Poster, storyboard and subtitles of real files, by the real ffmpeg.</summary>
public sealed class ExtrasTests : IDisposable
{
    private const string Srt = "1\n00:00:02,000 --> 00:00:04,000\nOne <b>bold</b> & <script>x</script>\n\n2\n00:00:10,500 --> 00:00:12,000\nTwo\n";

    private const string Ass =
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n[Events]\n" +
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n" +
        "Dialogue: 0,0:00:03.00,0:00:05.00,Default,,0,0,0,,{\\an8}Schild {\\i1}schräg{\\i0}\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-extras-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_film_gets_a_poster_that_is_not_black_a_storyboard_and_its_subtitles()
    {
        await using var rig = await ExtrasRig.PublishAsync(Film());

        var job = await rig.WorkAsync();

        job.Reason.ShouldBeNull();
        job.State.ShouldBe(JobState.Done);
        var extras = (await rig.AssetAsync()).Extras;
        extras.HasPoster.ShouldBeTrue();
        extras.Storyboard.ShouldBe(new StoryboardFacts(1, 2));
        extras.Subtitles.ShouldBe(
        [
            new Subtitle("s0", "en", "Full", true, false, SubtitleOrigin.Embedded),
            new Subtitle("s1", "de", null, false, true, SubtitleOrigin.Embedded),
        ]);
        (await rig.AssetAsync()).Revision.ShouldBe(2);

        // 4:3 pixels in a 16:9 picture, brought to square ones.
        JpegSize.TryRead(rig.Bytes(ObjectKey.Poster(rig.Id))).ShouldBe((640, 360));
        Luma(rig.Store.LocalPathOf(ObjectKey.Poster(rig.Id))!).ShouldBeGreaterThan(60, "the first 40 % are black");
        var cues = rig.Cues("s0");
        cues.Select(c => c.Text).ShouldBe(["One <b>bold</b> &amp; x", "Two"]);
        cues[0].StartMilliseconds.ShouldBeInRange(2000, 2030, "in Matroska the sound begins with its encoder's delay, before zero");
        (cues[1].StartMilliseconds - cues[0].StartMilliseconds).ShouldBe(8500);
        (cues[1].EndMilliseconds - cues[1].StartMilliseconds).ShouldBe(1500);
        rig.Cues("s1").ShouldHaveSingleItem().Text.ShouldBe("Schild <i>schräg</i>");
        rig.Stages().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_storyboards_pictures_are_those_of_their_times()
    {
        // Grey by the second: 0 s is dark, 29 s is light. Keyframes where they like to be.
        var film = PathOf("grey.mp4");
        Ffmpeg.Make("-f lavfi -i", "color=black:s=320x180:r=25:d=30,geq=lum='16+T*7':cb=128:cr=128", "-c:v", "libx264", "-preset", "veryfast", "-g", "37", "-sc_threshold", "0", film);
        await using var rig = await ExtrasRig.PublishAsync(film);

        (await rig.WorkAsync()).Reason.ShouldBeNull();

        var board = JsonSerializer.Deserialize(rig.Bytes(ObjectKey.Storyboard(rig.Id)), StoryboardJson.Default.Storyboard).ShouldNotBeNull();
        (board.TileWidth, board.TileHeight, board.Columns, board.Rows).ShouldBe((160, 90, 10, 10));
        board.DurationMilliseconds.ShouldBe(30_000);
        board.TimesMilliseconds.ShouldBe([.. Enumerable.Range(0, 11).Select(i => i * 2960L)], "every second keyframe, 1.48 s apart");
        JpegSize.TryRead(rig.Bytes(ObjectKey.StoryboardSheet(rig.Id, 1))).ShouldBe((1600, 900));
        for (var i = 0; i < board.TimesMilliseconds.Count; i++)
        {
            var seen = Luma(rig.Store.LocalPathOf(ObjectKey.StoryboardSheet(rig.Id, 1))!, $"crop=120:60:{(i % 10 * 160) + 20}:{(i / 10 * 90) + 15},");
            seen.ShouldBe(board.TimesMilliseconds[i] * 0.007 * 255 / 219, 3, $"picture {i}");
        }
    }

    [Fact]
    public async Task A_long_film_has_several_sheets_and_no_more_than_needed()
    {
        var film = PathOf("long.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc=s=64x36:r=2:d=700", "-c:v", "libx264", "-preset", "ultrafast", "-g", "2", film);
        await using var rig = await ExtrasRig.PublishAsync(film);

        (await rig.WorkAsync()).Reason.ShouldBeNull();

        var facts = (await rig.AssetAsync()).Extras.Storyboard.ShouldNotBeNull();
        facts.IntervalSeconds.ShouldBe(700.0 / 300, 0.01);
        facts.SheetCount.ShouldBe(3, "a picture every 3 s, the first second at which a keyframe is");
        rig.StoredObjects().ShouldBe(["poster.jpg", "source", "storyboard-1.jpg", "storyboard-2.jpg", "storyboard-3.jpg", "storyboard.json"]);
    }

    [Fact]
    public async Task Sound_alone_has_its_cover_and_nothing_else()
    {
        var cover = PathOf("cover.png");
        Ffmpeg.Make("-f lavfi -i color=red:s=300x300 -frames:v 1", cover);
        var song = PathOf("song.mp3");
        Ffmpeg.Make("-f lavfi -i sine=d=5 -i", cover, "-map", "0", "-map", "1", "-c:a", "libmp3lame", "-c:v", "copy", "-disposition:v", "attached_pic", song);
        await using var rig = await ExtrasRig.PublishAsync(song);

        (await rig.WorkAsync()).Reason.ShouldBeNull();

        var extras = (await rig.AssetAsync()).Extras;
        extras.HasPoster.ShouldBeTrue();
        extras.Storyboard.ShouldBeNull();
        JpegSize.TryRead(rig.Bytes(ObjectKey.Poster(rig.Id))).ShouldBe((300, 300));
    }

    [Fact]
    public async Task Pictures_are_turned_upright_and_never_enlarged()
    {
        var film = PathOf("upright.mp4");
        var flat = PathOf("flat.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc=s=1920x1080:r=10:d=3", "-c:v", "libx264", "-preset", "ultrafast", flat);
        Ffmpeg.Make("-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90", film);
        await using var rig = await ExtrasRig.PublishAsync(film);

        (await rig.WorkAsync()).Reason.ShouldBeNull();

        JpegSize.TryRead(rig.Bytes(ObjectKey.Poster(rig.Id))).ShouldBe((1080, 1920));
        JpegSize.TryRead(rig.Bytes(ObjectKey.StoryboardSheet(rig.Id, 1))).ShouldBe((1600, 2840));
    }

    [Fact]
    public async Task What_cannot_be_made_is_told_and_costs_nothing_else()
    {
        // Pictures that cannot be decoded, text that can.
        var film = PathOf("broken.mkv");
        Ffmpeg.Make("-f lavfi -i testsrc=s=320x180:r=10:d=5 -i", Srt.ToFile(PathOf("a.srt")), "-c:v", "libx264", "-bsf:v", "noise=amount=2", "-c:s", "srt", film);
        await using var rig = await ExtrasRig.PublishAsync(film);

        var job = await rig.WorkAsync();

        job.State.ShouldBe(JobState.Done);
        job.Reason.ShouldNotBeNull().ShouldContain("no poster");
        job.Reason.ShouldContain("no storyboard");
        job.Reason.ShouldNotContain(_folder.FullName);
        var extras = (await rig.AssetAsync()).Extras;
        extras.HasPoster.ShouldBeFalse();
        extras.Storyboard.ShouldBeNull();
        extras.Subtitles.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Once_more_takes_the_place_of_what_was_found_and_keeps_what_was_added()
    {
        await using var rig = await ExtrasRig.PublishAsync(Film());
        var job = await rig.WorkAsync();
        var own = (await rig.Shelf.AddAsync(rig.Id, new NewSubtitle([], "fr", null), default)).ShouldNotBeNull();

        await rig.RetryAsync(job);
        (await rig.WorkAsync()).Reason.ShouldBeNull();

        own.Id.ShouldBe("s2");
        (await rig.AssetAsync()).Extras.Subtitles.Select(s => s.Id).ShouldBe(["s3", "s4", "s2"]);
        rig.StoredObjects().Where(name => name.EndsWith(".vtt", StringComparison.Ordinal)).ShouldBe(["s2.vtt", "s3.vtt", "s4.vtt"]);
    }

    [Fact]
    public async Task Without_ffmpeg_the_job_says_so()
    {
        await using var rig = await ExtrasRig.PublishAsync(Srt.ToFile(PathOf("any")), new FfmpegTools(searchPath: _folder.FullName));

        var job = await rig.WorkAsync();

        job.State.ShouldBe(JobState.Failed);
        job.Reason.ShouldNotBeNull().ShouldContain("ffmpeg is not installed");
    }

    [Fact]
    public async Task Cue_times_count_from_where_the_title_begins()
    {
        // Everything of it begins at 5 s on the file's own clock.
        var film = PathOf("late.mkv");
        Ffmpeg.Make("-f lavfi -i testsrc=s=64x36:r=10:d=15 -i", Srt.ToFile(PathOf("a.srt")), "-c:v", "libx264", "-c:s", "srt", "-output_ts_offset", "5", film);
        await using var rig = await ExtrasRig.PublishAsync(film);

        (await rig.WorkAsync()).Reason.ShouldBeNull();

        rig.Cues("s0").Select(c => c.StartMilliseconds).ShouldBe([2000, 10_500]);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Film()
    {
        var film = PathOf("film.mkv");
        Ffmpeg.Make(
            "-f lavfi -i", "color=black:s=480x360:r=25:d=16[b];testsrc=s=480x360:r=25:d=24[t];[b][t]concat,setsar=4/3", "-f", "lavfi", "-i", "sine=d=40",
            "-i", Srt.ToFile(PathOf("a.srt")), "-i", Ass.ToFile(PathOf("b.ass")), "-map", "0", "-map", "1", "-map", "2", "-map", "3",
            "-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-c:a", "aac", "-c:s:0", "srt", "-c:s:1", "ass",
            "-metadata:s:s:0", "language=eng", "-metadata:s:s:0", "title=Full", "-metadata:s:s:1", "language=ger",
            "-disposition:s:0", "default", "-disposition:s:1", "forced", film);
        return film;
    }

    /// <summary>Mean of Y of a picture, 0 for black to 255.</summary>
    private static double Luma(string picture, string filter = "")
    {
        var line = Ffmpeg.Run("-i", picture, "-vf", filter + "format=gray,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-v", "error", "-f", "null", "-")
            .Split('\n').Last(l => l.Contains("YAVG", StringComparison.Ordinal));
        return double.Parse(line.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Text that is to be a file.</summary>
internal static class TextFiles
{
    public static string ToFile(this string text, string path)
    {
        File.WriteAllText(path, text);
        return path;
    }
}
