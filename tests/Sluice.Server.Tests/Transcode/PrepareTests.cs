using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>A file came while ffmpeg was not there; it plays when ffmpeg is, without being sent again.</summary>
public sealed class PrepareTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-prepare-");
    private SluiceServer _server = null!;

    [Fact]
    public async Task A_file_that_came_before_ffmpeg_plays_when_it_is_looked_at_again()
    {
        var media = await UploadAsync();
        media.Text("state").ShouldBe("needs-transcode");

        // Still without it: the job fails and says why, and so does the title.
        var first = await PrepareAsync(media, HttpStatusCode.Accepted);
        first.Text("kind").ShouldBe("prepare");
        var failed = await JobAsync(first, "failed");
        failed.Text("reason").ShouldStartWith("there is no ffmpeg where the configuration says");
        (await MediaAsync(media)).Text("state").ShouldBe("needs-transcode");

        Install();
        using (var retried = await _server.Http.PostAsync($"/api/v1/jobs/{first.Text("id")}/retry", null, Ct))
        {
            retried.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await JobAsync(first, "done");
        (await MediaAsync(media)).Text("state").ShouldBe("ready");
        await PlaysAsync(media);
        using var again = await AskAsync(media);
        again.StatusCode.ShouldBe(HttpStatusCode.NoContent, "it plays");
    }

    [Fact]
    public async Task Asking_twice_makes_one_job()
    {
        var media = await UploadAsync();
        Install();

        var asked = await Task.WhenAll(PrepareAsync(media, null), PrepareAsync(media, null));

        await JobAsync(asked[0], "done");
        await PlaysAsync(media);
        (await _server.Http.PostAsync("/api/v1/media/0000000000000000/prepare", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    public async ValueTask InitializeAsync()
    {
        var tools = new FfmpegTools(Path.Combine(_folder.FullName, "ffmpeg"));
        _server = await SluiceServer.StartAsync(
            options: o =>
            {
                o.Transcode.Enabled = true;
                o.Ladder = [90];
            },
            configure: b => b.Services.AddSingleton(tools), realPackager: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private void Install()
    {
        foreach (var program in (string[])["ffmpeg", "ffprobe"])
        {
            File.CreateSymbolicLink(Path.Combine(_folder.FullName, program), ProgramSearch.Find(program, ProgramSearch.SystemPath)!);
        }
    }

    private async Task<JsonElement> UploadAsync()
    {
        var film = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 6 -c:v mpeg4", film);
        using var answer = await _server.UploadFileAsync(film);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        return await answer.JsonAsync();
    }

    private Task<HttpResponseMessage> AskAsync(JsonElement media) => _server.Http.PostAsync($"/api/v1/media/{media.Text("id")}/prepare", null, Ct);

    private async Task<JsonElement> PrepareAsync(JsonElement media, HttpStatusCode? status)
    {
        using var answer = await AskAsync(media);
        answer.StatusCode.ShouldBe(status ?? HttpStatusCode.Accepted);
        return await answer.JsonAsync();
    }

    private async Task<JsonElement> MediaAsync(JsonElement media) =>
        JsonDocument.Parse(await _server.Http.GetStringAsync($"/api/v1/media/{media.Text("id")}", Ct)).RootElement;

    private async Task<JsonElement> JobAsync(JsonElement job, string state)
    {
        var now = job;
        (await Eventually.Holds(async () =>
        {
            now = JsonDocument.Parse(await _server.Http.GetStringAsync($"/api/v1/jobs/{job.Text("id")}", Ct)).RootElement;
            return now.Text("state") == state;
        })).ShouldBeTrue(now.ToString());
        return now;
    }

    private async Task PlaysAsync(JsonElement media)
    {
        using var minted = await _server.Http.PostAsync($"/api/v1/media/{media.Text("id")}/tokens", null, Ct);
        var master = new Uri((await minted.JsonAsync()).Text("hls"));
        var list = new Uri(master, (await _server.Http.GetStringAsync(master, Ct)).Split('\n').First(l => l.Contains("index.m3u8", StringComparison.Ordinal)));
        var segment = new Uri(list, (await _server.Http.GetStringAsync(list, Ct)).Split('\n').First(l => l.StartsWith("1.m4s", StringComparison.Ordinal)));
        (await Eventually.Holds(async () => (await _server.Http.GetAsync(segment, Ct)).StatusCode == HttpStatusCode.OK)).ShouldBeTrue();
    }
}
