using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Torrents that cannot be played are refused in words, and leave nothing.</summary>
public sealed class SessionTorrentRefusalTests
{
    private const string Nobody = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=Nothing";

    [Fact]
    public async Task Without_an_engine_it_is_said_how_to_install_one()
    {
        await using var server = await SessionServer.StartAsync(options => options.Torrents.Python = "/nowhere/python3");
        using var answer = await SessionServer.PostAsync(server, Nobody);
        (await answer.ShouldBeProblemAsync(501, "torrents-missing")).Text("detail").ShouldContain("apt-get install python3-libtorrent");
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Switched_off_they_are_refused()
    {
        await using var server = await SessionServer.StartAsync(options => options.Torrents.Enabled = false);
        using var answer = await SessionServer.PostAsync(server, Nobody);
        (await answer.ShouldBeProblemAsync(501, "torrents-missing")).Text("detail").ShouldContain("torrents.enabled");
    }

    [Fact]
    public async Task One_of_which_nobody_knows_anything_is_given_up_in_time_and_meanwhile_says_what_it_waits_for()
    {
        await Seeder.RequirePythonAsync();
        await using var server = await SessionServer.StartAsync(options => (options.Sessions.IdleSeconds, options.Sessions.OpenSeconds) = (86_400, 30));

        using var begun = await SessionServer.PostAsync(server, Nobody);

        // Whoever begins it is told that it is opening, unless this machine took as long as it may to open.
        if (begun.IsSuccessStatusCode)
        {
            var view = await begun.JsonAsync();
            view.Text("title").ShouldBe("Nothing");
            JsonElement torrent = default;
            (await Eventually.Holds(async () =>
            {
                using var asked = await server.Http.GetAsync($"/api/v1/sessions/{view.Text("id")}");
                view = await asked.JsonAsync();
                torrent = view.GetProperty("torrent").ValueKind == JsonValueKind.Object ? view.GetProperty("torrent") : torrent;
                return view.Text("state") == "failed";
            })).ShouldBeTrue(view.GetRawText());
            view.Text("reason").ShouldBe("Nobody told within 30 seconds (sessions.openSeconds) what is in the torrent. No peer is connected.");
            torrent.Text("state").ShouldBe("metadata");
            using var ended = await SessionServer.EndAsync(server, view);
        }
        else
        {
            (await begun.ShouldBeProblemAsync(502, "source-unusable")).Text("detail").ShouldContain("sessions.openSeconds");
        }

        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Names_that_lead_astray_and_what_is_too_large_are_refused()
    {
        await Seeder.RequirePythonAsync();
        await using var server = await SessionServer.StartAsync(options => options.Torrents.MostBytes = 10_000);
        foreach (var (torrent, words) in new[]
        {
            (TestTorrent.Files("a", 16 << 10, (["..", "etc", "passwd"], new byte[100])), "lead out of its folder"),
            (TestTorrent.OneFile("a.mp4", new byte[20_000], 16 << 10), "torrents.mostBytes"),
        })
        {
            using var answer = await SendAsync(server, torrent.Bytes);
            (await answer.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain(words);
        }

        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task What_is_no_torrent_at_all_is_refused()
    {
        await using var server = await SessionServer.StartAsync();
        using (var link = await SessionServer.PostAsync(server, "magnet:?dn=nothing"))
        {
            await link.ShouldBeProblemAsync(422, "request-invalid");
        }

        foreach (var bytes in new[] { "no bencode"u8.ToArray(), [], new byte[(24 << 20) + 1] })
        {
            using var answer = await SendAsync(server, bytes);
            await answer.ShouldBeProblemAsync(bytes.Length > 1 << 20 ? 413 : 422, bytes.Length > 1 << 20 ? "upload-too-large" : "request-invalid");
        }

        using var file = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"url":"{{Nobody}}","file":-1}""");
        await file.ShouldBeProblemAsync(422, "request-invalid");
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task What_a_killed_server_left_of_torrents_is_removed_and_nobody_elses()
    {
        Shell.RequireLinux();
        var scratch = Directory.CreateTempSubdirectory("sluice-scratch-").FullName;
        var (data, others) = (Directory.CreateTempSubdirectory("sluice-test-").FullName, new SluiceOptions());
        try
        {
            (others.Storage.Data, others.Sessions.Scratch) = ("/elsewhere", scratch);
            var mine = new SessionScratch(new SluiceOptions { Storage = { Data = data }, Sessions = { Scratch = scratch } }).NewPath();
            var theirs = new SessionScratch(others).NewPath();
            foreach (var folder in new[] { mine, theirs })
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "f0"), "a film");
            }

            await using (await SessionServer.StartAsync(options => options.Sessions.Scratch = scratch, data: data))
            {
                Directory.GetDirectories(scratch).ShouldBe([theirs]);
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(SluiceServer server, byte[] torrent)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(torrent), "torrent", "a.torrent" } };
        return await server.Http.PostAsync("/api/v1/sessions", form);
    }
}
