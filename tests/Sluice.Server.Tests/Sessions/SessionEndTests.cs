using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>What ends a session, and what does not; and what of it stays when that is wished for.</summary>
public sealed class SessionEndTests : FilmTest
{
    [Fact]
    public async Task One_that_has_failed_is_not_kept_by_who_still_looks_at_it()
    {
        await using var server = await SessionServer.StartAsync(clock: Clock);
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync())[0];
        Origin.Tag = "\"v2\"";
        using (var changed = await player.GetAsync($"{version}/{track}/15.m4s"))
        {
            await changed.ShouldBeProblemAsync(502, "source-unusable");
        }

        var beats = 0;
        (await Eventually.Holds(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(15));
            using var beat = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/heartbeat");
            beats += beat.StatusCode == HttpStatusCode.OK ? 1 : 0;
            return beat.StatusCode == HttpStatusCode.NotFound;
        })).ShouldBeTrue();

        beats.ShouldBe(3, "whoever is there is told for as long as a silent one would live");
    }

    [Fact]
    public async Task One_of_the_library_is_not_kept_by_those_who_watch_the_title_without_it()
    {
        await using var server = await SluiceServer.StartAsync(realPackager: true, clock: Clock);
        using var upload = await server.UploadFileAsync(Path.Combine(RepositoryRoot.Corpus("mp4"), "media__bbb_800x640_768kbps_30fps_avc_non_reference_3b.mp4"));
        var media = await upload.JsonAsync();
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media.Text("id")}}"}""");
        var session = await begun.JsonAsync();
        var alone = media.GetProperty("playback").Text("hls");

        for (var i = 0; i < 4; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(15));
            (await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls"))).ShouldBe(200, "its own viewers keep it");
        }

        (await Eventually.Holds(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(15));
            (await SessionServer.StatusAsync(server, HttpMethod.Get, alone)).ShouldBe(200);
            using var all = await server.Http.GetAsync("/api/v1/sessions");
            return (await all.JsonAsync()).GetProperty("items").GetArrayLength() == 0;
        })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_in_time()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SessionServer.StartAsync(options => options.Sessions.OpenSeconds = 5, Clock);
        Origin.Gate = gate.Task;
        var begun = SessionServer.PostAsync(server, Origin.Url);
        (await Eventually.Holds(() => !Origin.Asked.IsEmpty)).ShouldBeTrue();

        Clock.Advance(TimeSpan.FromSeconds(5));

        using var answer = await begun.WaitAsync(Eventually.Patience);
        (await answer.ShouldBeProblemAsync(502, "source-unusable")).Text("detail").ShouldBe("It was not open within 5 seconds (sessions.openSeconds).");
        await SessionServer.ShouldHaveNothingAsync(server);
        gate.SetResult();
    }

    [Fact]
    public async Task A_file_on_another_server_is_kept_by_an_import()
    {
        Origin.Content = LongTitle.Of(TimeSpan.FromSeconds(20));
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        session.GetProperty("kept").ValueKind.ShouldBe(JsonValueKind.Null);

        using var kept = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/keep");

        kept.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var import = (await kept.JsonAsync()).GetProperty("kept").Text("importId");
        JsonElement view = default;
        (await Eventually.Holds(async () =>
        {
            using var asked = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
            view = (await asked.JsonAsync()).GetProperty("kept");
            return view.Text("state") is "done" or "failed";
        })).ShouldBeTrue();
        (view.Text("state"), view.Text("mediaId")).ShouldBe(("done", import));
        (await server.Assets.FindAsync(AssetId.Parse(import, null), default)).ShouldNotBeNull().Owner.ShouldBeNull();
    }

    [Fact]
    public async Task What_cannot_be_kept_says_why()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media.Text("id")}}"}""");
        var id = (await begun.JsonAsync()).Text("id");

        using var kept = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{id}/keep");
        (await kept.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldBe("It is a title of the library already.");
        using var chosen = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{id}/file", json: """{"index":0}""");
        (await chosen.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("no torrent");
        using var unknown = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions/0000000000000000/keep");
        await unknown.ShouldBeProblemAsync(404, "session-unknown");
    }
}
