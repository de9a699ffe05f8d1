using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Burned;

/// <summary>Subtitles are drawn into the picture of a new title and of one that exists, when somebody asks for it.</summary>
public sealed class BurnApiTests(SubtitledFilm film) : IClassFixture<SubtitledFilm>, IAsyncLifetime
{
    private const double Grey = 126, White = 235, Slack = 12;
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SluiceServer.StartAsync(
        options: o =>
        {
            o.Transcode.Enabled = true;
            o.Transcode.LadderForCopied = false;
            o.Transcode.ChunkSeconds = 4;
            o.Ladder = [180];
        },
        configure: b => b.Services.AddSingleton(TimeProvider.System),
        realPackager: true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("2")]
    [InlineData("en")]
    public async Task At_the_upload(string wanted)
    {
        using var answer = await UploadAsync(wanted);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var media = await answer.JsonAsync();
        media.Text("state").ShouldBe("ready");
        Told(media).ShouldBe([("encode", "subtitles are drawn into it"), ("encode",
            "it is encoded beside the picture, so that nobody waits for the whole file to be repackaged; the original follows"),
            ("burn", "drawn into the picture"), ("drop", "subtitles that are pictures are shown only when drawn into the picture"), ("drop", "subtitles become WebVTT beside it, where ffmpeg can read them")]);

        // From the middle first: the third segment begins while subtitles are shown.
        var title = new TitleReader(_server, media);
        var (version, _) = TitleReader.TracksOf(await title.MasterAsync())[0];
        ShouldShow(SubtitledFilm.Look(await title.SaveAsync(version, "v0", film.Folder, [3, 4, 1, 2]), 1, 320, 180), true);

        // The sound follows as it is; a picture without the subtitles does not.
        (await title.EndOfAsync(JobKind.Remux)).Reason.ShouldBeNull();
        TitleReader.TracksOf(await title.MasterAsync()).ShouldBe([(version, "a1"), (version, "v0")], ignoreOrder: true);
    }

    [Fact]
    public async Task At_the_upload_of_a_file_that_would_play_as_it_is()
    {
        using var answer = await UploadAsync("1", film.Converted("dvd.mp4", "dvdsub"));
        var media = await answer.JsonAsync();
        Told(media).ShouldBe([("encode", "subtitles are drawn into it"), ("burn", "drawn into the picture")]);

        var title = new TitleReader(_server, media);
        var (version, _) = TitleReader.TracksOf(await title.MasterAsync())[0];
        ShouldShow(SubtitledFilm.Look(await title.SaveAsync(version, "v0", film.Folder), 1, 320, 180), true);
    }

    [Theory]
    [InlineData("4", "Track 4 is text: it is offered as subtitles that viewers switch on")]
    [InlineData("1", "Track 1 holds no subtitles")]
    [InlineData("7", "There is no track 7")]
    [InlineData("sv", "It has no subtitles in 'sv'")]
    public async Task Wrong_ones_are_refused_with_what_there_is(string wanted, string why)
    {
        using var answer = await UploadAsync(wanted);

        var problem = await answer.ShouldBeProblemAsync(422, "subtitles-not-drawable");
        problem.Text("detail").ShouldStartWith(why);
        problem.Text("detail").ShouldEndWith("Subtitles that are pictures: track 2 (hdmv_pgs_subtitle, en), track 3 (hdmv_pgs_subtitle, de).");
        _server.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_names_nothing_is_refused()
    {
        using var answer = await UploadAsync("../../x");

        await answer.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task For_a_title_that_exists_and_back_again()
    {
        using var answer = await UploadAsync(null);
        var title = new TitleReader(_server, await answer.JsonAsync());
        (await title.EndOfAsync(JobKind.Remux)).State.ShouldBe(JobState.Done);
        var before = TitleReader.TracksOf(await title.MasterAsync());
        before.Select(t => t.Track).ShouldBe(["a0", "v0"], ignoreOrder: true);

        // In: encoded, under names of their own, and the sound follows.
        await BurnAsync(title, "2", HttpStatusCode.Accepted);
        (await title.EndOfAsync(JobKind.Replan)).Reason.ShouldBeNull();
        Told(await title.ViewAsync())[2].ShouldBe(("burn", "drawn into the picture"));
        var (version, _) = TitleReader.TracksOf(await title.MasterAsync())[0];
        version.ShouldNotBe(before[0].Version);
        var name = TitleReader.TracksOf(await title.MasterAsync()).Select(t => t.Track).First(t => t[0] == 'v');
        ShouldShow(SubtitledFilm.Look(await title.SaveAsync(version, name, film.Folder), 1, 320, 180), true);
        (await title.StatusAsync($"{before[0].Version}/v0/1.m4s")).ShouldBe(HttpStatusCode.NotFound);
        await BurnAsync(title, "2", HttpStatusCode.NoContent);

        // A process that was killed after the switch does only what was left to do.
        var jobs = _server.App.Services.GetRequiredService<JobControl>();
        await jobs.AddAsync(AssetId.Parse(title.Id, null), [new NewJob(JobKind.Replan, [new NewTask(Urgency.Title)])], TestContext.Current.CancellationToken);
        (await title.EndOfAsync(JobKind.Replan)).Reason.ShouldBeNull();
        TitleReader.TracksOf(await title.MasterAsync()).ShouldContain((version, name));

        // Out again.
        await title.EndOfAsync(JobKind.Encode);
        await title.EndOfAsync(JobKind.Remux);
        await BurnAsync(title, "null", HttpStatusCode.Accepted);
        (await title.EndOfAsync(JobKind.Replan)).Reason.ShouldBeNull();
        Told(await title.ViewAsync())[2].Action.ShouldBe("drop");
        (version, _) = TitleReader.TracksOf(await title.MasterAsync())[0];
        name = TitleReader.TracksOf(await title.MasterAsync()).Select(t => t.Track).First(t => t[0] == 'v');
        ShouldShow(SubtitledFilm.Look(await title.SaveAsync(version, name, film.Folder), 1, 320, 180), false);

        // Nothing is left of what was before.
        await title.EndOfAsync(JobKind.Encode);
        await title.EndOfAsync(JobKind.Remux);
        var kept = (await title.ViewAsync()).GetProperty("renditions").EnumerateArray().Select(r => r.Text("id")).ToHashSet();
        _server.StoredFiles().Select(f => Path.GetFileNameWithoutExtension(f)).Where(f => f is ['v' or 'a', .. var number] && number.All(char.IsAsciiDigit))
            .ShouldBeSubsetOf(kept);
    }

    [Fact]
    public async Task A_wrong_wish_changes_nothing()
    {
        using var answer = await UploadAsync(null);
        var title = new TitleReader(_server, await answer.JsonAsync());
        await title.EndOfAsync(JobKind.Remux);
        var before = await title.MasterAsync();

        using var text = await _server.SendAsync(HttpMethod.Put, $"/api/v1/media/{title.Id}/subtitles/burned", json: "{\"track\":4}");
        (await text.ShouldBeProblemAsync(422, "subtitles-not-drawable")).Text("detail").ShouldStartWith("Track 4 is text");
        using var nothing = await _server.SendAsync(HttpMethod.Put, $"/api/v1/media/{title.Id}/subtitles/burned", json: "{}");
        await nothing.ShouldBeProblemAsync(422, "request-invalid");
        await BurnAsync(title, "null", HttpStatusCode.NoContent);
        (await title.MasterAsync()).ShouldBe(before);
    }

    private async Task BurnAsync(TitleReader title, string track, HttpStatusCode expected)
    {
        using var answer = await _server.SendAsync(HttpMethod.Put, $"/api/v1/media/{title.Id}/subtitles/burned", json: $"{{\"track\":{track}}}");
        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
        if (expected == HttpStatusCode.Accepted)
        {
            (await answer.JsonAsync()).Text("kind").ShouldBe("replan");
        }
    }

    private async Task<HttpResponseMessage> UploadAsync(string? burn, string? file = null)
    {
        await using var stream = File.OpenRead(file ?? film.Path);
        using var form = new MultipartFormDataContent();
        if (burn is not null)
        {
            form.Add(new StringContent(burn), "burnSubtitles");
        }

        form.Add(new StreamContent(stream), "media", Path.GetFileName(file ?? film.Path));
        return await _server.Http.PostAsync("/api/v1/media", form);
    }

    private static (string Action, string Reason)[] Told(JsonElement media) =>
        [.. media.GetProperty("tracks").EnumerateArray().Select(t => (t.Text("action"), t.Text("reason")))];

    private static void ShouldShow(List<(double Time, double Lower, double Upper, double Elsewhere)> frames, bool isBurned)
    {
        frames.Count.ShouldBe(400);
        frames.ShouldAllBe(f => Math.Abs(f.Elsewhere - Grey) < Slack);
        frames.Where(f => SubtitledFilm.IsClear(f.Time)).ShouldAllBe(
            f => Math.Abs(f.Lower - (isBurned && SubtitledFilm.Shows(SubtitledFilm.Lower, f.Time) ? White : Grey)) < Slack);
    }
}
