using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Sessions;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A session lives for as long as somebody is heard of, one per source, so many at a time; and nothing is left of it.</summary>
public sealed class SessionLifeTests : FilmTest
{
    [Fact]
    public async Task The_same_source_is_the_same_session_however_it_is_written()
    {
        await using var server = await SessionServer.StartAsync();
        var first = await SessionServer.BeginAsync(server, $"{Origin.Home}films/a%c3%a9%2f.mp4?x=1");
        foreach (var url in (string[])[$"{Origin.Home}films/a%C3%A9%2F.mp4?x=1", $"{Origin.Home}films/a%c3%a9%2f.mp4?x=1#t=20", $" {Origin.Home}other/../films/aé%2F.mp4?x=1 "])
        {
            (await SessionServer.BeginAsync(server, url, status: 200)).Text("id").ShouldBe(first.Text("id"), url);
        }

        (await SessionServer.BeginAsync(server, $"{Origin.Home}films/a%C3%A9%2F.mp4?x=2")).Text("id").ShouldNotBe(first.Text("id"));
        first.Text("source").ShouldNotContain("x=1");
        first.Text("link").ShouldEndWith($"/sessions/{first.Text("id")}");
    }

    [Fact]
    public async Task Whoever_reads_the_log_is_not_invited()
    {
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Origin.Statuses.Enqueue(404);
        using var failed = await SessionServer.PostAsync(server, Origin.Url);

        var told = server.Logs.Lines.Where(line => line.StartsWith(typeof(SessionDesk).FullName!, StringComparison.Ordinal)).ToArray();

        var began = $"Session {session.Text("id")[..4]}… began";
        told.ShouldContain(line => line.Contains(began, StringComparison.Ordinal));
        told.Length.ShouldBeGreaterThanOrEqualTo(4, "two began, one ended, one came to nothing");
        told.ShouldAllBe(line => line.Contains("… began", StringComparison.Ordinal) || line.Contains("… ended", StringComparison.Ordinal)
            || line.Contains("… came", StringComparison.Ordinal));
        string.Join('\n', told).ShouldNotContain(session.Text("id"));
    }

    [Fact]
    public async Task Ten_who_begin_at_once_begin_one()
    {
        await using var server = await SessionServer.StartAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Origin.Gate = gate.Task;
        var all = Enumerable.Range(0, 10).Select(_ => SessionServer.PostAsync(server, Origin.Url)).ToArray();
        (await Eventually.Holds(() => !Origin.Asked.IsEmpty)).ShouldBeTrue();
        gate.SetResult();

        var answers = await Task.WhenAll(all);

        answers.Select(a => a.StatusCode).Order().ShouldBe([.. Enumerable.Repeat(HttpStatusCode.OK, 9), HttpStatusCode.Created], ignoreOrder: true);
        var ids = await Task.WhenAll(answers.Select(async a => (await a.JsonAsync()).Text("id")));
        ids.Distinct().Count().ShouldBe(1);
        Origin.Asked.Count(a => a.Range.StartsWith("bytes=0-", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_heard_of_for_45_seconds_is_the_end_of_it()
    {
        await using var server = await SessionServer.StartAsync(clock: Clock);
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        Clock.Advance(TimeSpan.FromSeconds(44));
        (await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls"))).ShouldBe(200);

        Clock.Advance(TimeSpan.FromSeconds(30));
        Clock.Advance(TimeSpan.FromSeconds(14));
        await Task.Yield();
        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{session.Text("id")}")).ShouldBe(200, "media requests keep it");

        Clock.Advance(TimeSpan.FromSeconds(46));
        Clock.Advance(TimeSpan.FromSeconds(15));

        (await Eventually.Holds(async () => await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls")) == 404)).ShouldBeTrue();
        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{session.Text("id")}")).ShouldBe(404);
        (await SessionServer.StatusAsync(server, HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/heartbeat")).ShouldBe(404);
        (await Eventually.Holds(() => server.StoredFiles().Length == 0)).ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Heartbeats_keep_it_and_count_who_is_there()
    {
        await using var server = await SessionServer.StartAsync(clock: Clock);
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        var path = $"/api/v1/sessions/{session.Text("id")}/heartbeat";
        for (var i = 0; i < 10; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(15));
            using var beat = await server.SendAsync(HttpMethod.Post, path, json: """{"viewer":"anna"}""");
            beat.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var other = await server.SendAsync(HttpMethod.Post, path, json: """{"viewer":"bert"}""");
        (await other.JsonAsync()).GetProperty("viewers").GetInt32().ShouldBe(2);
        Clock.Advance(TimeSpan.FromSeconds(40));
        using var later = await server.SendAsync(HttpMethod.Post, path, json: """{"viewer":"bert"}""");
        (await later.JsonAsync()).GetProperty("viewers").GetInt32().ShouldBe(2);
        Clock.Advance(TimeSpan.FromSeconds(40));
        using var last = await server.SendAsync(HttpMethod.Post, path, json: """{"viewer":"bert"}""");
        (await last.JsonAsync()).GetProperty("viewers").GetInt32().ShouldBe(1);
        using var tooLong = await server.SendAsync(HttpMethod.Post, path, json: $$"""{"viewer":"{{new string('x', 65)}}"}""");
        await tooLong.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task One_too_many_is_told_how_many_there_are_and_when_to_come_back()
    {
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Most = 2, Clock);
        var first = await SessionServer.BeginAsync(server, $"{Origin.Home}one.mp4");
        Clock.Advance(TimeSpan.FromSeconds(14));
        await SessionServer.BeginAsync(server, $"{Origin.Home}two.mp4");

        using var third = await SessionServer.PostAsync(server, $"{Origin.Home}three.mp4");

        (await third.ShouldBeProblemAsync(429, "sessions-full")).Text("detail").ShouldBe("2 of 2 sessions are running (sessions.most).");
        third.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(31));
        await SessionServer.BeginAsync(server, $"{Origin.Home}two.mp4", status: 200);
        using (await SessionServer.EndAsync(server, first))
        {
            await SessionServer.BeginAsync(server, $"{Origin.Home}three.mp4");
        }
    }

    [Fact]
    public async Task The_scratch_folder_has_a_bound_too()
    {
        var bytes = Origin.Content.Length;
        await using var server = await SessionServer.StartAsync(options => options.Sessions.ScratchBytes = bytes + 1000);
        var first = await SessionServer.BeginAsync(server, $"{Origin.Home}one.mp4");

        using (var second = await SessionServer.PostAsync(server, $"{Origin.Home}two.mp4"))
        {
            var detail = (await second.ShouldBeProblemAsync(429, "sessions-full")).Text("detail");
            detail.ShouldContain($"{bytes} of {bytes + 1000}");
            second.Headers.RetryAfter.ShouldNotBeNull();
        }

        (await SessionServer.EndAsync(server, first)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await SessionServer.BeginAsync(server, $"{Origin.Home}two.mp4");
    }

    [Fact]
    public async Task Its_title_is_in_no_list_and_goes_with_it()
    {
        await using var server = await SessionServer.StartAsync();
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        var id = session.GetProperty("playable").Text("id");

        (await server.Http.GetStringAsync("/api/v1/media")).ShouldNotContain(id);
        (await server.Http.GetStringAsync("/api/v1/sessions")).ShouldContain(session.Text("id"));
        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/media/{id}?token={session.GetProperty("playback").Text("token")}")).ShouldBe(200);

        using var ended = await SessionServer.EndAsync(server, session);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls"))).ShouldBe(404);
        using var again = await SessionServer.EndAsync(server, session);
        await again.ShouldBeProblemAsync(404, "session-unknown");
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task A_title_of_the_library_is_watched_together_and_stays()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        var wish = $$"""{"mediaId":"{{media.Text("id")}}"}""";
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: wish);
        var session = await begun.JsonAsync();
        session.GetProperty("playable").Text("id").ShouldBe(media.Text("id"));
        using var joined = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: wish);
        ((int)joined.StatusCode, (await joined.JsonAsync()).Text("id")).ShouldBe((200, session.Text("id")));

        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.Text("id")}/tokens");
        using var refused = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
        var view = await refused.JsonAsync();
        (view.Text("state"), view.Text("reason"), view.GetProperty("playback").ValueKind)
            .ShouldBe(("failed", "The links to this title were revoked.", System.Text.Json.JsonValueKind.Null));

        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await server.Assets.FindAsync(AssetId.Parse(media.Text("id"), null), default)).ShouldNotBeNull();
        using var unknown = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: """{"mediaId":"0000000000000000"}""");
        await unknown.ShouldBeProblemAsync(404, "media-unknown");
    }

    [Fact]
    public async Task What_a_killed_server_left_is_gone_after_the_next_start()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            await using (var server = await SessionServer.StartAsync(data: data))
            {
                // As a session makes it, which then is not there to take it away.
                var store = server.App.Services.GetRequiredService<IObjectStore>();
                var session = await SessionServer.BeginAsync(server, Origin.Url);
                var made = (await server.Assets.FindAsync(AssetId.Parse(session.GetProperty("playable").Text("id"), null), default)).ShouldNotBeNull();
                var left = AssetId.New();
                await using var stage = store.Stage(left);
                await File.WriteAllTextAsync(stage.PathOf("v0.idx"), "an index");
                await stage.CommitAsync(default);
                await server.Assets.AddAsync(made with { Id = left }, default);
            }

            (Directory.GetDirectories(Path.Combine(data, "media")).Length).ShouldBe(1);
            await using var next = await SessionServer.StartAsync(data: data);
            await SessionServer.ShouldHaveNothingAsync(next);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Three_hundred_random_starts_and_stops_leave_nothing()
    {
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Most = 4);
        var random = new Random(20261122);
        var known = new List<string>();
        var pending = new List<Task>();
        for (var i = 0; i < 300; i++)
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    pending.Add(BeginAsync(random.Next(6)));
                    break;
                case 2:
                    Origin.Statuses.Enqueue(random.Next(2) == 0 ? 404 : 500);
                    break;
                case 3 when known.Count > 0:
                    string id;
                    lock (known)
                    {
                        id = known[random.Next(known.Count)];
                    }

                    pending.Add(SessionServer.StatusAsync(server, HttpMethod.Delete, $"/api/v1/sessions/{id}"));
                    break;
                default:
                    await Task.WhenAll(pending.Where(_ => random.Next(2) == 0));
                    break;
            }
        }

        await Task.WhenAll(pending);
        var desk = server.App.Services.GetRequiredService<SessionDesk>();
        known.Distinct().Count().ShouldBeGreaterThan(10);
        foreach (var session in desk.All)
        {
            (await desk.EndAsync(session.Id)).ShouldBeTrue();
        }

        (await Eventually.Holds(() => server.App.Services.GetRequiredService<SessionScratch>().TakenBytes == 0)).ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);

        async Task BeginAsync(int film)
        {
            using var answer = await SessionServer.PostAsync(server, $"{Origin.Home}{film}.mp4");
            if (answer.IsSuccessStatusCode)
            {
                var id = (await answer.JsonAsync()).Text("id");
                lock (known)
                {
                    known.Add(id);
                }
            }
            else
            {
                ((int)answer.StatusCode).ShouldBeOneOf(429, 502, 404);
            }
        }
    }
}
