using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode.Extras;
using Sluice.Tests;

namespace Sluice.Server.Tests.Deliver;

/// <summary>A real film with subtitles in two languages, 13 s with B-frames, and its extras made on a server of its own.</summary>
public sealed class Captioned : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-captioned-");

    public Captioned()
    {
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "a.srt"), "1\n00:00:05,000 --> 00:00:07,000\nAt five\n");
        Path = System.IO.Path.Combine(_folder.FullName, "captioned.mp4");
        var text = System.IO.Path.Combine(_folder.FullName, "a.srt");
        Ffmpeg.Make(
            "-f lavfi -i testsrc2=s=320x180:r=25:d=13 -f lavfi -i sine=440:r=48000:d=13 -i", text, "-i", text, "-map", "0", "-map", "1", "-map", "2", "-map", "3",
            "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "50", "-c:a", "aac", "-c:s", "mov_text",
            "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=deu", Path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Publishes it, has its extras made, and answers with it as the holder of a link sees it.</summary>
    internal async Task<(Published Title, JsonElement Media)> PublishAsync()
    {
        var title = await Published.PublishAsync(Path);
        await MakeExtrasAsync(title.Server, title.Media.Text("id"));
        return (title, await ViewAsync(title));
    }

    /// <summary>Has the extras made by the server's own workers.</summary>
    internal static async Task MakeExtrasAsync(SluiceServer server, string id)
    {
        var services = server.App.Services;
        var catalog = services.GetRequiredService<IWorkCatalog>();
        var job = (await catalog.AddJobsAsync(AssetId.Parse(id, CultureInfo.InvariantCulture), [ExtrasJob.For()], server.Clock.GetUtcNow(), default)).ShouldHaveSingleItem();
        server.Clock.Advance(NewTask.Beside().Delay);
        services.GetRequiredService<IJobQueue>().Announce(Urgency.Background);
        (await Eventually.Holds(async () => (await catalog.FindJobAsync(job.Id, default))?.FinishedAt is not null)).ShouldBeTrue();
        var done = (await catalog.FindJobAsync(job.Id, default)).ShouldNotBeNull();
        done.Reason.ShouldBeNull();
        done.State.ShouldBe(JobState.Done);
    }

    internal static async Task<JsonElement> ViewAsync(Published title)
    {
        using var answer = await title.Server.Http.GetAsync($"/api/v1/media/{title.Media.Text("id")}?token={title.Media.GetProperty("playback").Text("token")}");
        return await answer.JsonAsync();
    }
}
