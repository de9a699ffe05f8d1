using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>kill -9 in the middle of an upload that is watched: it goes on, and so does who watches it.</summary>
public sealed class ArrivingKillTests(ArrivingFilms films) : IClassFixture<ArrivingFilms>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-arrkill-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task It_plays_on_after_the_server_was_killed()
    {
        var film = films.Plain;
        var (path, sent) = ("", 0);
        Dictionary<string, byte[]> seen;
        using (var first = await ServerProcess.StartAsync(_data))
        {
            var tus = new TusCalls(first.Http);
            path = await tus.NewAsync(film.Length);
            sent = await SendAsync(tus, path, film, 0, film.Length * 6 / 10);
            seen = await (await ArrivingViewer.OfAsync(first.Http, path)).WatchAsync();
            seen.Count.ShouldBeGreaterThanOrEqualTo(4);
            first.Kill();
        }

        using var second = await ServerProcess.StartAsync(_data);
        var again = new TusCalls(second.Http);
        var viewer = await ArrivingViewer.OfAsync(second.Http, path);
        await ShouldGoOnAsync(viewer, seen);
        sent = await SendAsync(again, path, film, sent, film.Length * 8 / 10);
        (await viewer.WatchAsync()).Count.ShouldBeGreaterThan(seen.Count);
        await SendAsync(again, path, film, sent, film.Length);

        (await viewer.ViewAsync()).Text("state").ShouldBe("ready");
        await ShouldGoOnAsync(viewer, seen);
    }

    [Fact]
    public async Task A_server_that_would_cut_it_otherwise_publishes_it_under_another_version()
    {
        var film = films.Plain;
        var (path, sent) = ("", 0);
        Dictionary<string, byte[]> seen;
        using (var first = await ServerProcess.StartAsync(_data))
        {
            var tus = new TusCalls(first.Http);
            path = await tus.NewAsync(film.Length);
            sent = await SendAsync(tus, path, film, 0, film.Length / 2);
            seen = await (await ArrivingViewer.OfAsync(first.Http, path)).WatchAsync();
            first.Kill();
        }

        using var second = await ServerProcess.StartAsync(_data, settings: ("SLUICE__PACKAGE__SEGMENTSECONDS", "4"));
        var viewer = await ArrivingViewer.OfAsync(second.Http, path);
        using var pending = await viewer.GetAsync("master.m3u8");
        await pending.ShouldBeProblemAsync(503, "segment-pending");
        await SendAsync(new TusCalls(second.Http), path, film, sent, film.Length);

        (await viewer.ViewAsync()).Text("state").ShouldBe("ready");
        (await viewer.WatchAsync()).Keys.ShouldNotContain(name => seen.ContainsKey(name));
        using var old = await viewer.GetAsync(seen.Keys.First());
        await old.ShouldBeProblemAsync(404, "segment-unknown");
    }

    [Fact]
    public async Task A_title_whose_upload_is_gone_goes_at_the_next_start()
    {
        var film = films.Plain;
        string path;
        using (var first = await ServerProcess.StartAsync(_data))
        {
            var tus = new TusCalls(first.Http);
            path = await tus.NewAsync(film.Length);
            await SendAsync(tus, path, film, 0, film.Length / 2);
            await ArrivingViewer.OfAsync(first.Http, path);
            first.Kill();
        }

        SqliteNative.EnsureBound(); // No server has run in this process.
        using (var catalog = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_data, "catalog.db")};Pooling=False"))
        {
            catalog.Open();
            using var command = catalog.CreateCommand();
            command.CommandText = "DELETE FROM uploads";
            command.ExecuteNonQuery().ShouldBe(1);
        }

        using var second = await ServerProcess.StartAsync(_data);
        (await second.LibraryAsync()).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(_data, "uploads")).ShouldBeEmpty();
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
}
