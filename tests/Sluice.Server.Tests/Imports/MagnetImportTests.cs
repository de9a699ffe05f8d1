using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>A file of a torrent becomes a title of the library, by a magnet link; from a real swarm on loopback.</summary>
public sealed class MagnetImportTests(FilmSwarm swarm) : IClassFixture<FilmSwarm>
{
    [Fact]
    public async Task The_largest_video_comes_whole_and_nothing_else_is_left_of_the_torrent()
    {
        await using var server = await StartAsync();

        var done = await ImportServer.EndAsync(server, swarm.Torrent.Magnet(swarm.Tracker));

        done.Text("state").ShouldBe("done", done.ToString());
        (done.Text("kind"), done.Text("fileName"), done.Text("source")).ShouldBe(("torrent", "part one.mp4", $"magnet:?xt=urn:btih:{swarm.Torrent.Hash}"));
        (done.GetProperty("bytes").GetInt64(), done.GetProperty("totalBytes").GetInt64()).ShouldBe((FilmSwarm.LongBytes, FilmSwarm.LongBytes));
        done.GetRawText().ShouldNotContain("announce", Case.Insensitive, "whom its trackers are is nobody's business");
        await ShouldBeAsync(server, done, "part one", FilmSwarm.Long);
        await ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Another_file_is_brought_when_it_is_chosen_and_once_however_often_it_is_asked_for()
    {
        await using var server = await StartAsync();
        await swarm.UnseedAsync();
        JsonElement first;
        try
        {
            first = await ImportServer.AskAsync(server, swarm.Torrent.Magnet(swarm.Tracker), ""","file":0,"title":"The second","expiresInMinutes":90""");
            (await ImportServer.AskAsync(server, swarm.Torrent.Magnet(), ""","file":0""")).Text("id").ShouldBe(first.Text("id"), "whichever its trackers are");
            (await ImportServer.AskAsync(server, swarm.Torrent.Magnet(), ""","file":1""")).Text("id").ShouldNotBe(first.Text("id"));
        }
        finally
        {
            await swarm.SeedAsync();
        }

        var done = await ImportServer.EndOfAsync(server, first);
        done.Text("state").ShouldBe("done", done.ToString());
        var title = await ShouldBeAsync(server, done, "The second", FilmSwarm.Short);
        title.ExpiresAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task It_works_beside_a_session_of_the_same_torrent_and_neither_ends_the_other()
    {
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));

        var called = await ImportServer.AskAsync(server, swarm.Torrent.Magnet(swarm.Tracker), ""","file":0""");
        await ImportServer.UntilAsync(server, called.Text("id"), now => now.Text("state") != "queued");
        using (var off = await server.SendAsync(HttpMethod.Delete, $"/api/v1/imports/{called.Text("id")}"))
        {
            ((int)off.StatusCode).ShouldBe(204);
        }

        var done = await ImportServer.EndAsync(server, swarm.Torrent.Magnet());
        done.Text("state").ShouldBe("done", done.ToString());

        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync()).Single(t => t.Track == "v0");
        (await Eventually.Holds(async () => await SessionServer.StatusAsync(server, HttpMethod.Get, player.UrlOf($"{version}/{track}/30.m4s")) == 200)).ShouldBeTrue();
        (await SessionServer.EndAsync(server, session)).IsSuccessStatusCode.ShouldBeTrue();
        await ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task While_nobody_is_there_it_says_so_outlives_the_server_and_goes_on_when_somebody_comes()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        await swarm.UnseedAsync();
        try
        {
            JsonElement import;
            await using (var server = await StartAsync(data: data))
            {
                import = await ImportServer.AskAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
                await ImportServer.UntilAsync(
                    server, import.Text("id"),
                    now => now.Text("state") == "running"
                        && now.GetProperty("reason").GetString()?.StartsWith("Nobody has told yet what is in the torrent.", StringComparison.Ordinal) == true);
            }

            await using var next = await StartAsync(data: data);
            await swarm.SeedAsync();

            var done = await ImportServer.EndOfAsync(next, import);
            done.Text("state").ShouldBe("done", done.ToString());
            done.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
            await ShouldBeAsync(next, done, "part one", FilmSwarm.Long);
        }
        finally
        {
            await swarm.SeedAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task What_was_whole_when_the_server_was_killed_needs_no_swarm_any_more()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            var id = AssetId.New();
            var film = BytesOf(FilmSwarm.Short);
            await using (var server = await StartAsync(data: data))
            {
                var now = server.Clock.GetUtcNow();
                await server.App.Services.GetRequiredService<IImportCatalog>().AddImportAsync(
                    new Import
                    {
                        Id = id,
                        Kind = ImportKind.Torrent,
                        Source = $"- {swarm.Torrent.Magnet(swarm.Tracker)}",
                        Shown = "a magnet",
                        FileName = "part two.mp4",
                        Bytes = film.Length,
                        TotalBytes = film.Length,
                        State = JobState.Running,
                        CreatedAt = now,
                        UpdatedAt = now,
                    },
                    default);
                await File.WriteAllBytesAsync(Path.Combine(data, "imports", id.Value), film);
            }

            await using var next = await StartAsync(options => options.Torrents.Python = "/nowhere/python3", data);

            var done = await ImportServer.UntilAsync(next, id.Value, now => now.GetProperty("finishedAt").ValueKind != JsonValueKind.Null);
            done.Text("state").ShouldBe("done", done.ToString());
            await ShouldBeAsync(next, done, "part two", FilmSwarm.Short);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task It_waits_for_room_that_a_session_has()
    {
        await using var server = await StartAsync(options => options.Sessions.ScratchBytes = FilmSwarm.LongBytes + 1000);
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        session.Text("state").ShouldBe("ready", session.Text("reason"));

        var import = await ImportServer.AskAsync(server, swarm.Torrent.Magnet(swarm.Tracker), ""","file":0""");
        var waits = await ImportServer.UntilAsync(server, import.Text("id"), now => now.Text("state") == "queued" && now.GetProperty("reason").ValueKind == JsonValueKind.String);
        waits.Text("reason").ShouldContain("sessions.scratchBytes");

        (await SessionServer.EndAsync(server, session)).IsSuccessStatusCode.ShouldBeTrue();
        var done = await ImportServer.EndOfAsync(server, import);
        done.Text("state").ShouldBe("done", done.ToString());
        done.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task What_can_never_be_taken_fails_with_the_reason()
    {
        await using var server = await StartAsync(options => (options.Ingest.MaxUploadBytes, options.Sessions.ScratchBytes) = (FilmSwarm.LongBytes - 1, 1000));
        foreach (var (more, words) in new[]
        {
            ("", "ingest.maxUploadBytes"),
            (""","file":0""", "sessions.scratchBytes"),
            (""","file":3""", "The torrent has 3 files, numbered from 0; there is no number 3."),
        })
        {
            var failed = await ImportServer.EndAsync(server, swarm.Torrent.Magnet(swarm.Tracker), more);
            failed.Text("state").ShouldBe("failed");
            failed.Text("reason").ShouldContain(words);
        }

        await ShouldHaveNothingAsync(server);
    }

    private static Task<SluiceServer> StartAsync(Action<SluiceOptions>? options = null, string? data = null) => ImportServer.StartAsync(
        settings =>
        {
            settings.Sessions.IdleSeconds = 86_400; // The clock runs fast; nobody is to be given up because this machine is slow.
            settings.Sessions.OpenSeconds = 86_400;
            options?.Invoke(settings);
        },
        data: data, realPackager: true);

    private static async Task<Asset> ShouldBeAsync(SluiceServer server, JsonElement done, string name, TimeSpan length)
    {
        var title = (await server.Assets.FindAsync(AssetId.Parse(done.Text("mediaId"), null), default)).ShouldNotBeNull();
        (title.Title, title.State, title.Origin, title.Owner).ShouldBe((name, AssetState.Ready, "import", null));
        (await File.ReadAllBytesAsync(Path.Combine(server.Data, "media", title.Id.Value, "source"))).AsSpan().SequenceEqual(BytesOf(length)).ShouldBeTrue();
        return title;
    }

    private static byte[] BytesOf(TimeSpan length)
    {
        var film = LongTitle.Of(length);
        var bytes = new byte[film.Length];
        for (var at = 0; at < bytes.Length;)
        {
            at += film.Read(at, bytes.AsSpan(at));
        }

        return bytes;
    }

    private static async Task ShouldHaveNothingAsync(SluiceServer server)
    {
        (await Eventually.Holds(() => server.App.Services.GetRequiredService<SessionScratch>().TakenBytes == 0)).ShouldBeTrue();
        foreach (var folder in new[] { "scratch", "imports" })
        {
            (await Eventually.Holds(() => !Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, folder)).Any())).ShouldBeTrue(folder);
        }
    }
}
