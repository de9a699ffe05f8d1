using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.AnyFiles;

/// <summary>
/// Whatever people have, it plays right after its upload: our HLS of it, read and decoded, shows and sounds what the file
/// itself does, frame for frame and at the same times. Each sample flashes and beeps at once, so lip sync is seen.
/// </summary>
public sealed class AnyFileTests(AnyFileServer server) : IClassFixture<AnyFileServer>
{
    /// <summary>A beep may set in this much earlier or later: a codec smears it over its blocks.</summary>
    private const double BeepSlack = 0.012;

    private const double LengthSlack = 0.15;

    public static TheoryData<string> Names => [.. Samples.All.Select(s => s.FileName)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_plays_as_it_came(string name)
    {
        var sample = Samples.Of(name);
        var (media, viewing, source, played, _, _) = await server.VisitAsync(sample);

        viewing.Resolution.ShouldBe(sample.Video is null ? null : sample.Resolution);
        if (sample.Languages.Length > 0)
        {
            viewing.Languages.ShouldBe(sample.Languages);
        }

        played.Flashes.Length.ShouldBe(source.Flashes.Length);
        played.Beeps.Length.ShouldBe(source.Beeps.Length);
        played.Flashes.Zip(source.Flashes).ShouldAllBe(p => Math.Abs(p.First - p.Second) <= sample.FlashSlack, Words(source, played));
        played.Beeps.Zip(source.Beeps).ShouldAllBe(p => Math.Abs(p.First - p.Second) <= BeepSlack, Words(source, played));
        (played.Flashes.Length + played.Beeps.Length).ShouldBeGreaterThan(1, "nothing to compare");

        played.PictureEnd.ShouldBe(source.PictureEnd, LengthSlack, Words(source, played));
        played.SoundEnd.ShouldBe(source.SoundEnd, LengthSlack, Words(source, played));
        viewing.Seconds.ShouldBe(source.End, LengthSlack, Words(source, played));
        media.GetProperty("durationSeconds").GetDouble().ShouldBe(source.End, LengthSlack);
        if (sample.Frames is { } frames)
        {
            played.FrameTimes.Length.ShouldBe(frames);
            // One more or less may lie at the ends, where the grid begins and the last picture is held.
            (played.Repeats - source.Repeats).ShouldBeInRange(frames - source.FrameTimes.Length - 1, frames - source.FrameTimes.Length + 1, Words(source, played));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_verdict_says_what_was_done_and_why(string name)
    {
        var sample = Samples.Of(name);
        var media = (await server.VisitAsync(sample)).Media;
        var tracks = media.GetProperty("tracks").EnumerateArray().ToList();
        ActionsOf(tracks, "video").ShouldBe(sample.Video is { } video ? [video] : []);
        ActionsOf(tracks, "audio").ShouldBe(sample.Audio);
        foreach (var track in tracks)
        {
            track.Text("description").ShouldNotBeNullOrWhiteSpace();
            track.Text("reason").Split(' ').Length.ShouldBeGreaterThan(2, track.ToString());
        }
    }

    [Fact]
    public async Task Every_mpd_is_valid()
    {
        using var schema = DashSchema.Require();
        var mpds = new List<string>();
        foreach (var sample in Samples.All)
        {
            mpds.Add((await server.VisitAsync(sample)).Mpd);
        }

        schema.Errors([.. mpds]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("song.mp3")]
    [InlineData("mpeg4.avi")]
    [InlineData("good.mkv")]
    [InlineData("prores.mov")]
    [InlineData("vp8.webm")]
    public async Task It_plays_by_the_door_of_PyHLS(string name)
    {
        var sample = Samples.Of(name);
        using var answer = await server.Server.UploadFileAsync(server.FileOf(sample), "/upload/?expiry_minutes=60");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var viewing = await server.WatchAsync(new Uri((await answer.JsonAsync()).Text("playlist_url")), sample.FileName + "-pyhls");
        viewing.Video.ShouldNotBeNull().ShouldEndWith(".ts");
        var played = Marks.OfTracks(sample.Video is null ? null : viewing.Video, viewing.Audio);
        (played.FrameTimes.Length, played.Beeps.Length).ShouldBe((sample.Frames!.Value, 2));
    }

    /// <summary>A rendition that was repackaged on the way is a copy all the same.</summary>
    private static string[] ActionsOf(IEnumerable<JsonElement> tracks, string kind) =>
    [
        .. tracks.Where(t => t.Text("kind") == kind && t.Text("action") != "drop")
            .Select(t => t.Text("action") == "remux" ? "copy" : t.Text("action")),
    ];

    private static string Words(Marks source, Marks played) => $"source {Words(source)}\nplayed {Words(played)}";

    private static string Words(Marks marks) =>
        $"{marks.FrameTimes.Length} frames ({marks.Repeats} repeated) {marks.FrameTimes.FirstOrDefault():F3}…{marks.PictureEnd:F3}, flashes {List(marks.Flashes)}; "
        + $"sound {marks.SoundStart:F3}…{marks.SoundEnd:F3}, beeps {List(marks.Beeps)}";

    private static string List(double[] times) => string.Join(' ', times.Select(t => t.ToString("F3", System.Globalization.CultureInfo.InvariantCulture)));
}
