using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Transcode;
using Sluice.Server.Transcode;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Burned;

/// <summary>Subtitles that are pictures, drawn into the chunks: where they belong, when they belong there, and nowhere else.</summary>
public sealed class BurnedChunkTests(SubtitledFilm film) : IClassFixture<SubtitledFilm>
{
    /// <summary>Brightness of the grey, and of the white.</summary>
    private const double Grey = 126, White = 235, Slack = 12;

    [Fact]
    public async Task They_are_drawn_where_and_when_they_belong_and_nowhere_else()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, new SluiceOptions { Ladder = [180, 90], Transcode = { ChunkSeconds = 4 } });
        await rig.EncodeAsync((1, 5));

        ShouldShowBoxes(SubtitledFilm.Look(await rig.FileOfAsync("v0"), 1, 320, 180));
        ShouldShowBoxes(SubtitledFilm.Look(await rig.FileOfAsync("v1"), 1, 160, 90));
    }

    [Fact]
    public async Task A_chunk_that_begins_while_one_is_shown_shows_it_from_its_first_frame()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, new SluiceOptions { Ladder = [180], Transcode = { ChunkSeconds = 4 } });

        // Each chunk in a process of its own, the latest first: the third begins at 8 s, three seconds after the subtitles.
        await rig.EncodeAsync((4, 5), (3, 4), (2, 3), (1, 2));

        ShouldShowBoxes(SubtitledFilm.Look(await rig.FileOfAsync("v0"), 1, 320, 180));
    }

    [Theory]
    [InlineData("dvd.mkv", "dvdsub")]
    [InlineData("dvd.mp4", "dvdsub")]
    [InlineData("dvb.ts", "dvbsub")]
    public async Task So_are_those_of_DVDs_and_of_television(string name, string codec)
    {
        var file = film.Converted(name, codec);
        var start = double.Parse(
            Ffmpeg.Probe($"-show_entries format=start_time -of csv=p=0 {file}")[0], System.Globalization.CultureInfo.InvariantCulture);
        await using var rig = await EncodeRig.PlanAsync(
            Source with { Path = file, StartSeconds = start, Video = Source.Video! with { BurnedSubtitle = 1 } },
            new SluiceOptions { Ladder = [180], Transcode = { ChunkSeconds = 4 } });
        await rig.EncodeAsync((4, 5), (3, 4), (2, 3), (1, 2));

        ShouldShowBoxes(SubtitledFilm.Look(await rig.FileOfAsync("v0"), 1, 320, 180));
    }

    private EncodeSource Source => new()
    {
        Path = film.Path,
        StartsAtZero = true,
        Video = new EncodedPicture(0, new Rational(SubtitledFilm.Rate, 1), 16, 320, 180, false, false, new ColorTags(null, null, null), false) { BurnedSubtitle = 2 },
        Audio = [],
    };

    private static void ShouldShowBoxes(List<(double Time, double Lower, double Upper, double Elsewhere)> frames)
    {
        frames.Count.ShouldBe(400);
        frames.ShouldAllBe(f => Math.Abs(f.Elsewhere - Grey) < Slack);
        var clear = frames.Where(f => SubtitledFilm.IsClear(f.Time)).ToList();
        clear.ShouldAllBe(f => Math.Abs(f.Lower - (SubtitledFilm.Shows(SubtitledFilm.Lower, f.Time) ? White : Grey)) < Slack);
        clear.ShouldAllBe(f => Math.Abs(f.Upper - (SubtitledFilm.Shows(SubtitledFilm.Upper, f.Time) ? White : Grey)) < Slack);
    }
}
