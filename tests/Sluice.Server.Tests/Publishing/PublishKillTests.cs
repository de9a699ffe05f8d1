using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>kill -9 while a title is published: nothing is listed that is not there, and the next start, or the same command, goes on.</summary>
public sealed class PublishKillTests : IDisposable
{
    /// <summary>Files after which the process is killed; the film has many times as many.</summary>
    private const int Some = 20;

    private const int Rounds = 5;

    private static readonly Dictionary<string, string> ShortSegments = new() { ["SLUICE__PACKAGE__SEGMENTSECONDS"] = "1" };

    private static readonly Lazy<string> Film = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("sluice-film-");
        var path = Path.Combine(folder.FullName, "film.mp4");
        Ffmpeg.Make("-f lavfi -i color=s=32x32:r=5:d=1200 -f lavfi -i anullsrc=r=8000:cl=mono:d=1200 -c:v libx264 -preset ultrafast -g 5 -c:a aac -b:a 8k", path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return path;
    });

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-killed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_server_that_is_killed_goes_on_when_it_is_back()
    {
        var data = Path.Combine(_folder.FullName, "data");
        Directory.CreateDirectory(data);
        var targets = string.Join(',', Enumerable.Range(0, Rounds).Select(n => $"web{n}={At($"web{n}")}"));
        (string, string)[] settings = [("SLUICE__PACKAGE__SEGMENTSECONDS", "1"), ("SLUICE__PUBLISH__TARGETS", targets)];
        string id;
        using (var server = await ServerProcess.StartAsync(data, null, settings))
        {
            await using var film = File.OpenRead(Film.Value);
            using var form = new MultipartFormDataContent { { new StreamContent(film), "media", "film.mp4" } };
            using var uploaded = await server.Http.PostAsync("/api/v1/media", form);
            uploaded.StatusCode.ShouldBe(HttpStatusCode.Created);
            id = (await uploaded.JsonAsync()).Text("id");
            (await EndedAsync(server, id, job => job.Text("kind") != "publish")).ShouldBeTrue("what is made beside the film comes first");
        }

        for (var round = 0; round < Rounds; round++)
        {
            using (var server = await ServerProcess.StartAsync(data, null, settings))
            {
                using var asked = await server.Http.PostAsync(
                    $"/api/v1/media/{id}/publish", new StringContent($$"""{"target": "web{{round}}"}""", Encoding.UTF8, "application/json"));
                asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);
                (await Eventually.Holds(() => Segments($"web{round}").Length >= Some)).ShouldBeTrue();
                server.Kill();
            }

            var wasHalf = HalfATree(Path.Combine(At($"web{round}"), id));
            var before = WrittenAt($"web{round}");
            using (var server = await ServerProcess.StartAsync(data, null, settings))
            {
                (await EndedAsync(server, id, job => job.Text("kind") == "publish")).ShouldBeTrue();
                var all = await server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/media/{id}/publish");
                all.GetProperty("items").EnumerateArray().ShouldAllBe(p => p.Text("state") == "published");
            }

            ShouldBeWhole(Path.Combine(At($"web{round}"), id), before);
            if (wasHalf)
            {
                return;
            }
        }

        Assert.Fail("No round was killed before its end: the film is too short for this machine.");
    }

    [Fact]
    public async Task A_command_that_is_killed_goes_on_when_it_is_given_again()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var tree = $"tree{round}";
            await using (var sluice = SluiceProcess.Start(["package", Film.Value, "--to", At(tree)], ShortSegments))
            {
                (await Eventually.Holds(() => Segments(tree).Length >= Some)).ShouldBeTrue(sluice.Errors);
            } // Disposing kills it.

            var wasHalf = HalfATree(At(tree));
            var before = WrittenAt(tree);
            var again = await SluiceProcess.RunAsync(["package", Film.Value, "--to", At(tree)], ShortSegments);
            again.Code.ShouldBe(0, again.Errors);
            ShouldBeWhole(At(tree), before);
            if (wasHalf)
            {
                return;
            }
        }

        Assert.Fail("No round was killed before its end: the film is too short for this machine.");
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string[] Segments(string name) =>
        Directory.Exists(At(name)) ? Directory.GetFiles(At(name), "*.m4s", SearchOption.AllDirectories) : [];

    private Dictionary<string, DateTime> WrittenAt(string name) => Segments(name).ToDictionary(path => path, File.GetLastWriteTimeUtc);

    /// <summary>Whether it is one; then nothing of it is listed.</summary>
    private static bool HalfATree(string folder)
    {
        File.Exists(Path.Combine(folder, "sluice-tree.json")).ShouldBeTrue();
        if (File.ReadAllText(Path.Combine(folder, "sluice-tree.json")).Contains("\"complete\":true", StringComparison.Ordinal))
        {
            return false;
        }

        var wanted = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sluice-tree.json"))).RootElement.GetProperty("files")
            .EnumerateArray().Count(f => f.GetString()!.EndsWith(".m4s", StringComparison.Ordinal));
        if (Directory.GetFiles(folder, "*.m4s", SearchOption.AllDirectories).Length < wanted)
        {
            Directory.GetFiles(folder, "*.m3u8", SearchOption.AllDirectories).ShouldBeEmpty();
            Directory.GetFiles(folder, "*.mpd", SearchOption.AllDirectories).ShouldBeEmpty();
        }

        return true;
    }

    private static void ShouldBeWhole(string folder, Dictionary<string, DateTime> before)
    {
        var record = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sluice-tree.json"))).RootElement;
        record.GetProperty("complete").GetBoolean().ShouldBeTrue();
        Directory.GetFiles(folder, "*.part", SearchOption.AllDirectories).ShouldBeEmpty();
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        files.Length.ShouldBe(record.GetProperty("files").GetArrayLength() + 1);
        before.ShouldAllBe(file => File.GetLastWriteTimeUtc(file.Key) == file.Value, "what was there is not written again");
    }

    /// <summary>Waits until no job of that kind is open.</summary>
    private static Task<bool> EndedAsync(ServerProcess server, string id, Func<JsonElement, bool> which) => Eventually.Holds(async () =>
    {
        var all = await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/jobs?asset=" + id);
        return all.GetProperty("items").EnumerateArray().Where(which).All(job => job.Text("state") == "done");
    });
}
