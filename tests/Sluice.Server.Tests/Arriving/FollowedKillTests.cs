using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>kill -9 in the middle of an upload that is watched while it is repackaged: the next process begins that anew, and makes the same of it.</summary>
public sealed class FollowedKillTests(FollowedFilms films) : IClassFixture<FollowedFilms>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-followkill-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("mkv", true)]
    [InlineData("ts", true)]
    [InlineData("ts", false)]
    public async Task It_plays_on_after_the_server_was_killed(string kind, bool isWatchedAgain)
    {
        var film = films.Of(kind);
        var (path, sent) = ("", 0);
        Dictionary<string, byte[]> seen;
        using (var first = await StartAsync())
        {
            var tus = new TusCalls(first.Http);
            path = await tus.NewAsync(film.Length);
            sent = await SendAsync(tus, path, film, 0, film.Length * 6 / 10);
            seen = await (await ArrivingViewer.OfAsync(first.Http, path)).WatchAsync();
            seen.Count.ShouldBeGreaterThanOrEqualTo(4);
            first.Kill();
        }

        using var second = await StartAsync();
        Directory.EnumerateFileSystemEntries(Path.Combine(_data, "stage")).ShouldBeEmpty("what was made is scratch");
        var again = new TusCalls(second.Http);
        var viewer = await ArrivingViewer.OfAsync(second.Http, path);
        if (isWatchedAgain)
        {
            await ShouldGoOnAsync(viewer, seen);
        }

        sent = await SendAsync(again, path, film, sent, film.Length * 8 / 10);
        await SendAsync(again, path, film, sent, film.Length);

        (await viewer.ViewAsync()).Text("state").ShouldBe("ready");
        await ShouldGoOnAsync(viewer, seen);
    }

    private static async Task ShouldGoOnAsync(ArrivingViewer viewer, Dictionary<string, byte[]> seen)
    {
        var now = await viewer.WatchAsync();
        foreach (var (name, bytes) in seen)
        {
            now.ShouldContainKey(name);
            now[name].ShouldBe(bytes, name);
        }
    }

    private static async Task<int> SendAsync(TusCalls tus, string path, byte[] film, int from, int to)
    {
        using var answer = await tus.PatchAsync(path, from, film[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return to;
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        _data, null, ("SLUICE__TRANSCODE__LADDERFORCOPIED", "false"), ("SLUICE__TRANSCODE__WAITSECONDS", "60"));
}
