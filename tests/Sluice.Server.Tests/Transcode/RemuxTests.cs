using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>Repackaging that goes wrong or makes something else than it should, over HTTP.</summary>
public sealed class RemuxTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-remux-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_shorter_than_its_source_is_not_offered_and_the_source_is_encoded()
    {
        // Ends two seconds early, and says that all is well.
        await using var server = await StartAsync("""
            last="${@: -1}"; exec REAL "${@:1:$#-1}" -t 6 "$last"
            """);

        var media = await UploadAsync(server);

        media.Text("state").ShouldBe("ready");
        media.Text("reason").ShouldContain("it is encoded, for repackaging made 6 of its 8 seconds");
        media.GetProperty("durationSeconds").GetDouble().ShouldBe(8, 0.2);
        media.GetProperty("tracks").EnumerateArray().Select(t => t.Text("action")).ShouldBe(["encode", "encode"]);
    }

    [Theory]
    [InlineData("kill -9 $$", "most likely because the machine ran out of memory")]
    [InlineData("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", "the disk is full")]
    public async Task What_says_nothing_about_the_source_is_tried_again_and_not_encoded(string does, string why)
    {
        var once = Path.Combine(_folder.FullName, "once");
        await using var server = await StartAsync($$"""
            if [ ! -e {{once}} ]; then touch {{once}}; {{does}}; fi
            """, speed: 2); // Until it is tried again, there is time to read why.

        var told = "";
        var uploading = UploadAsync(server, job => told += Reason(job) + "\n");
        var media = await uploading;

        told.ShouldContain(why);
        media.Text("state").ShouldBe("ready");
        media.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        media.GetProperty("tracks").EnumerateArray().Select(t => t.Text("action")).ShouldBe(["copy", "copy"]);
    }

    [Fact]
    public async Task What_is_killed_again_and_again_ends_as_a_failed_title_that_can_be_tried_again()
    {
        var once = Path.Combine(_folder.FullName, "broken");
        await File.WriteAllTextAsync(once, "", Ct);
        await using var server = await StartAsync($"[ -e {once} ] && kill -9 $$\n", speed: 20);

        var media = await UploadAsync(server);
        media.Text("state").ShouldBe("failed");
        media.Text("reason").ShouldContain("memory");

        File.Delete(once);
        var job = await JobAsync(server, media.Text("id"));
        using var retry = await server.Http.PostAsync($"/api/v1/jobs/{job.Text("id")}/retry", null, Ct);
        (await Eventually.Holds(async () => (await MediaAsync(server, media.Text("id"))).Text("state") == "ready")).ShouldBeTrue();
    }

    [Fact]
    public async Task Its_sound_is_gathered_without_a_restart()
    {
        await using var server = await StartAsync("", speed: 20);

        var id = (await UploadAsync(server)).Text("id");

        (await Eventually.Holds(() => server.StoredFiles().Any(f => f.EndsWith($"{id}/a0.dat", StringComparison.Ordinal)))).ShouldBeTrue(
            string.Join('\n', server.StoredFiles()));
    }

    /// <summary>A server whose ffmpeg does what the script says when it is to repackage.</summary>
    private async Task<SluiceServer> StartAsync(string script, double speed = 1)
    {
        Tool.Require("bash");
        Tool.Require("ffmpeg");
        var real = new FfmpegTools();
        var program = Path.Combine(_folder.FullName, "ffmpeg");
        await File.WriteAllTextAsync(program, $"""
            #!/bin/bash
            case "$*" in *"-progress pipe:2"*) ;; *) exec {real.Program} "$@" ;; esac
            {script.Replace("REAL", real.Program, StringComparison.Ordinal)}
            exec {real.Program} "$@"

            """, Ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        }

        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "ffprobe"), real.ProbeProgram!);
        return await SluiceServer.StartAsync(
            options: o =>
            {
                o.Transcode.Enabled = true;
                o.Transcode.LadderForCopied = false;
                o.Ladder = [90];
            },
            configure: b => b.Services.AddSingleton(new FfmpegTools(program))
                .AddSingleton(speed > 1 ? new FastClock(speed) : TimeProvider.System),
            realPackager: true);
    }

    /// <summary>Uploads eight seconds of H.264 and AAC in Matroska; answers when they are not in preparation any more.</summary>
    private async Task<JsonElement> UploadAsync(SluiceServer server, Action<JsonElement>? watching = null)
    {
        var path = Path.Combine(_folder.FullName, "good.mkv");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -f lavfi -i sine=440:r=48000 -t 8 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac", path);
        using var answer = await server.UploadFileAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var media = await answer.JsonAsync();
        var id = media.Text("id");
        (await Eventually.Holds(async () =>
        {
            watching?.Invoke(await JobAsync(server, id));
            return (media = await MediaAsync(server, id)).Text("state") is not "processing";
        })).ShouldBeTrue(media.ToString());
        return media;
    }

    private static Task<JsonElement> MediaAsync(SluiceServer server, string id) =>
        server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/media/{id}", Ct);

    private static async Task<JsonElement> JobAsync(SluiceServer server, string id) =>
        (await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/jobs?asset=" + id, Ct))
        .GetProperty("items").EnumerateArray().Single(j => j.Text("kind") == "remux");

    private static string Reason(JsonElement job) => job.GetProperty("reason").GetString() ?? "";
}
