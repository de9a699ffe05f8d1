using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A torrent is watched together while hardly more of it comes than what is watched; from a real swarm on loopback.</summary>
public sealed class SessionTorrentTests(FilmSwarm swarm) : IClassFixture<FilmSwarm>
{
    [Fact]
    public async Task A_magnet_link_plays_at_once_and_anywhere_with_hardly_anything_downloaded()
    {
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));

        (session.Text("state"), session.Text("title"), session.GetProperty("playable").Text("kind")).ShouldBe(("ready", "part one", "asset"));
        session.Text("source").ShouldBe($"magnet:?xt=urn:btih:{swarm.Torrent.Hash}", "whom its trackers are is nobody's business");
        var files = session.GetProperty("torrent").GetProperty("files").EnumerateArray().ToArray();
        files.Select(f => f.Text("name")).ShouldBe(FilmSwarm.Names);
        files.Select(f => (f.GetProperty("isVideo").GetBoolean(), f.GetProperty("chosen").GetBoolean())).ShouldBe([(true, false), (false, false), (true, true)]);
        session.GetProperty("torrent").Text("name").ShouldBe("A series");

        await ShouldPlayAsync(server, session, FilmSwarm.Long, 1);
        await ShouldPlayAsync(server, session, FilmSwarm.Long, (int)(FilmSwarm.Long.TotalSeconds / 6 * 0.8));

        var seen = await HeardAsync(server, session, view => view.GetProperty("fetchedBytes").GetInt64() > 1 << 20);
        seen.GetProperty("fetchedBytes").GetInt64().ShouldBeLessThan(FilmSwarm.LongBytes * 15 / 100);
        seen.GetProperty("sizeBytes").GetInt64().ShouldBe(FilmSwarm.LongBytes);
        (seen.GetProperty("torrent").Text("state"), seen.GetProperty("torrent").GetProperty("peers").GetInt32()).ShouldBe(("downloading", 1));
        seen.GetProperty("torrent").GetProperty("progress").GetDouble().ShouldBeInRange(0.01, 0.15);
    }

    [Fact]
    public async Task The_same_torrent_is_the_same_session_however_it_is_named_and_nothing_is_left_of_it()
    {
        var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        var process = server.App.Services.GetRequiredService<TorrentEngine>().ProcessId.ShouldNotBeNull();

        (await SessionServer.BeginAsync(server, $"MAGNET:?xt=urn:btih:{swarm.Torrent.Hash.ToUpperInvariant()}", status: 200)).Text("id").ShouldBe(session.Text("id"));
        using (var uploaded = await UploadAsync(server, swarm.Torrent.Bytes))
        {
            ((int)uploaded.StatusCode, (await uploaded.JsonAsync()).Text("id")).ShouldBe((200, session.Text("id")));
        }

        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await SessionServer.ShouldHaveNothingAsync(server);
        (await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker))).Text("id").ShouldNotBe(session.Text("id"));
        await server.DisposeAsync();
        Shell.IsAlive(process).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_file_of_it_is_chosen_for_all_who_watch()
    {
        await using var server = await StartAsync();
        using var uploaded = await UploadAsync(server, swarm.Torrent.Bytes, ("title", "Our evening"), ("file", "0"));
        uploaded.StatusCode.ShouldBe(HttpStatusCode.Created, await uploaded.Content.ReadAsStringAsync());
        var session = await HeardAsync(server, await uploaded.JsonAsync(), view => view.Text("state") == "ready");
        session.Text("title").ShouldBe("Our evening");
        await ShouldPlayAsync(server, session, FilmSwarm.Short, 2);

        var other = await ChooseAsync(server, session, 2, view => view.Text("state") == "ready");

        (other.Text("id"), other.Text("title")).ShouldBe((session.Text("id"), "part one"));
        other.GetProperty("playable").Text("id").ShouldNotBe(session.GetProperty("playable").Text("id"));
        await ShouldPlayAsync(server, other, FilmSwarm.Long, 3);
        (await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls"))).ShouldBe(404, "the other file's title is gone");

        // What is no film is told so, and the torrent is still there to choose from.
        var text = await ChooseAsync(server, session, 1, view => view.Text("state") == "failed");
        (text.GetProperty("playable").ValueKind, text.GetProperty("torrent").GetProperty("files").GetArrayLength()).ShouldBe((JsonValueKind.Null, 3));
        text.Text("reason").ShouldNotBeEmpty();
        (await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(), status: 200)).Text("id").ShouldBe(session.Text("id"));
        await ShouldPlayAsync(server, await ChooseAsync(server, session, 0, view => view.Text("state") == "ready"), FilmSwarm.Short, 1);

        using var none = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/file", json: """{"index":3}""");
        (await none.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("3 files");
        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Without_a_peer_it_says_so_and_what_is_here_plays_on()
    {
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        await ShouldPlayAsync(server, session, FilmSwarm.Long, 1);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync()).Single(t => t.Track == "v0");

        await swarm.UnseedAsync();
        try
        {
            await HeardAsync(server, session, view => view.GetProperty("torrent").Text("state") == "waiting");
            using (var absent = await player.GetAsync($"{version}/{track}/40.m4s"))
            {
                await absent.ShouldBeProblemAsync(503, "source-pending");
                absent.Headers.RetryAfter.ShouldNotBeNull();
            }

            using (var absent = await player.GetAsync($"{version}/ts/{track}/40.ts"))
            {
                await absent.ShouldBeProblemAsync(503, "source-pending");
            }

            (await player.BytesAsync($"{version}/{track}/1.m4s")).ShouldNotBeEmpty();
        }
        finally
        {
            await swarm.SeedAsync();
        }

        (await Eventually.Holds(async () => await SessionServer.StatusAsync(server, HttpMethod.Get, player.UrlOf($"{version}/{track}/40.m4s")) == 200)).ShouldBeTrue();
        await HeardAsync(server, session, view => view.GetProperty("torrent").Text("state") == "downloading");
    }

    [Fact]
    public async Task What_is_kept_comes_into_the_library_when_the_session_has_ended_too()
    {
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        using var kept = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/keep");
        kept.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var import = (await kept.JsonAsync()).GetProperty("kept").Text("importId");
        kept.Headers.Location?.ToString().ShouldBe($"/api/v1/imports/{import}");
        using var again = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/keep");
        (await again.JsonAsync()).GetProperty("kept").Text("importId").ShouldBe(import, "it is kept once");

        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var state = "";
        (await Eventually.Holds(async () =>
        {
            using var asked = await server.Http.GetAsync($"/api/v1/imports/{import}");
            var view = await asked.JsonAsync();
            state = view.GetRawText();
            return view.Text("state") is "done" or "failed";
        })).ShouldBeTrue(state);
        state.ShouldContain("\"done\"");
        state.ShouldNotContain("announce", Case.Insensitive, "its trackers are forgotten");
        var title = (await server.Assets.FindAsync(AssetId.Parse(import, null), default)).ShouldNotBeNull();
        (title.Title, title.State, title.SizeBytes, title.Owner).ShouldBe(("part one", AssetState.Ready, FilmSwarm.LongBytes, null));
        title.Sha256.ShouldNotBeNull();
        (await Eventually.Holds(() => server.App.Services.GetRequiredService<Server.Sessions.SessionScratch>().TakenBytes == 0)).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, "scratch")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(server.Data, "imports")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_being_kept_when_the_server_was_stopped_goes_on_where_it_was()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            var id = AssetId.New();
            var film = LongTitle.Of(FilmSwarm.Long);
            var came = new byte[film.Length / 2];
            film.Read(0, came);
            came[^1] ^= 0xFF; // A mark by which it is seen whose bytes these are.
            await using (var server = await StartAsync(data))
            {
                // As a server that is killed leaves it: nobody has rung for it.
                var now = server.Clock.GetUtcNow();
                await server.App.Services.GetRequiredService<IImportCatalog>().AddImportAsync(
                    new Import
                    {
                        Id = id,
                        Kind = ImportKind.Torrent,
                        Source = $"2 {swarm.Torrent.Magnet(swarm.Tracker)}",
                        Shown = "a magnet",
                        Title = "Kept",
                        FileName = "part one.mp4",
                        Bytes = came.Length,
                        TotalBytes = film.Length,
                        State = JobState.Running,
                        CreatedAt = now,
                        UpdatedAt = now,
                    },
                    default);
                await File.WriteAllBytesAsync(Path.Combine(data, "imports", id.Value), came);
            }

            await using var next = await StartAsync(data);

            var assets = next.Assets;
            (await Eventually.Holds(async () => await assets.FindAsync(id, default) is not null)).ShouldBeTrue();
            var title = (await assets.FindAsync(id, default)).ShouldNotBeNull();
            (title.Title, title.SizeBytes).ShouldBe(("Kept", film.Length));
            await using var source = File.OpenRead(Path.Combine(data, "media", id.Value, "source"));
            var (read, expected) = (new byte[film.Length], new byte[film.Length]);
            await source.ReadExactlyAsync(read);
            film.Read(0, expected);
            came.CopyTo(expected, 0);
            read.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static Task<SluiceServer> StartAsync(string? data = null) => SessionServer.StartAsync(options =>
    {
        options.Sessions.IdleSeconds = 86_400; // The clock runs fast; nobody is to be given up because this machine is slow.
        options.Sessions.OpenSeconds = 86_400;
    }, data: data);

    private static async Task<HttpResponseMessage> UploadAsync(SluiceServer server, byte[] torrent, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        var file = new ByteArrayContent(torrent);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
        form.Add(file, "torrent", "films.torrent");
        return await server.Http.PostAsync("/api/v1/sessions", form);
    }

    private static async Task<JsonElement> ChooseAsync(SluiceServer server, JsonElement session, int index, Func<JsonElement, bool> holds)
    {
        using var chosen = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/file", json: $$"""{"index":{{index}}}""");
        chosen.StatusCode.ShouldBe(HttpStatusCode.OK, await chosen.Content.ReadAsStringAsync());
        return await HeardAsync(server, session, holds);
    }

    /// <summary>The session once it is as it should be.</summary>
    private static async Task<JsonElement> HeardAsync(SluiceServer server, JsonElement session, Func<JsonElement, bool> holds)
    {
        var view = session;
        (await Eventually.Holds(async () =>
        {
            using var asked = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
            view = await asked.JsonAsync();
            return holds(view);
        })).ShouldBeTrue(view.GetRawText());
        return view;
    }

    private static async Task ShouldPlayAsync(SluiceServer server, JsonElement session, TimeSpan length, int number)
    {
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync()).Single(t => t.Track == "v0");
        byte[] segment = [];
        (await Eventually.Holds(async () =>
        {
            // As players do: what has not come in time, or broke off, is asked for again.
            HttpResponseMessage answer;
            try
            {
                answer = await player.GetAsync($"{version}/{track}/{number}.m4s");
            }
            catch (HttpRequestException)
            {
                return false;
            }

            using var asked = answer;
            ((int)answer.StatusCode).ShouldBeOneOf(200, 503);
            segment = answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync() : segment;
            return segment.Length > 0;
        })).ShouldBeTrue();
        var pictures = Enumerable.Range((number - 1) * 6, 6).SelectMany(second => LongTitle.Pictures(length, false, second)).ToArray();
        segment.AsSpan(segment.Length - pictures.Length).SequenceEqual(pictures).ShouldBeTrue($"segment {number}");
    }
}
