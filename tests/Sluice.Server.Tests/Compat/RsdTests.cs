using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>RSD's README, step by step, with the requests that its page sends.</summary>
public sealed partial class RsdTests : FilmTest
{
    private const string Ann = "1d0b0f9e-52a7-4a8e-9d5c-6f6ad3c1d001", Bob = "1d0b0f9e-52a7-4a8e-9d5c-6f6ad3c1d002";

    [Fact]
    public async Task Dependencies_are_told_and_what_is_not_needed_is_not_missed()
    {
        await using var server = await SessionServer.StartAsync(options => options.Transcode.Ffmpeg = "/nowhere/ffmpeg");
        (await server.Http.GetStringAsync("/status")).ShouldBe("""{"ffmpeg":false,"mpv":true}""");
    }

    [Fact]
    public async Task Access_the_web_interface()
    {
        await using var server = await SessionServer.StartAsync();
        using var page = await server.SendAsync(HttpMethod.Get, "/", headers: ("Accept", "text/html"));
        (page.StatusCode, page.Content.Headers.ContentType?.MediaType).ShouldBe((HttpStatusCode.OK, "text/html"));
    }

    [Fact]
    public async Task Paste_the_url_and_start_the_stream()
    {
        await using var server = await SessionServer.StartAsync();

        await ShouldSayAsync(await StartAsync(server, Ann, Origin.Url), 200, """{"status":"ok"}""");

        using var playlist = await PlaylistAsync(server, Ann);
        playlist.Content.Headers.ContentType?.MediaType.ShouldBe("application/vnd.apple.mpegurl");
        var text = await playlist.Content.ReadAsStringAsync();
        text.ShouldStartWith("#EXTM3U");
        var segments = Segments().Matches(text).Select(line => line.Value).ToArray();
        segments.Length.ShouldBeGreaterThanOrEqualTo(3, "its page begins to play when three are listed");
        var segment = await server.Http.GetByteArrayAsync(new Uri(playlist.RequestMessage!.RequestUri!, segments[^1]));
        (segment[0], segment.Length % 188).ShouldBe(((byte)0x47, 0));
        Origin.SentBytes.ShouldBeLessThan(Origin.Content.Length, "nobody watched all of it");
    }

    [Fact]
    public async Task Multiple_users_watch_the_same_video_and_the_last_one_stops_it()
    {
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Most = 1, Clock);
        var desk = server.App.Services.GetRequiredService<SessionDesk>();
        await ShouldSayAsync(await StartAsync(server, Ann, Origin.Url), 200, """{"status":"ok"}""");
        await ShouldSayAsync(await StartAsync(server, Bob, Origin.Url + "#t=9"), 200, """{"status":"ok"}""");
        desk.All.Count.ShouldBe(1);
        desk.All[0].Viewers.Count(desk.Idle).ShouldBe(2);

        await ShouldSayAsync(await PostAsync(server, $"/stop/{Ann}"), 200, """{"status":"stopped"}""");
        await ShouldSayAsync(await PostAsync(server, $"/heartbeat/{Ann}"), 404, """{"status":"session_not_found"}""");
        await ShouldSayAsync(await PostAsync(server, $"/heartbeat/{Bob}"), 200, """{"status":"ok"}""");
        (await PlaylistAsync(server, Bob)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ShouldSayAsync(await PostAsync(server, $"/stop/{Bob}"), 200, """{"status":"stopped"}""");
        await ShouldSayAsync(await PostAsync(server, $"/stop/{Bob}"), 200, """{"status":"stopped"}""");
        (await PlaylistAsync(server, Bob)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task One_video_too_many_is_429_with_words_and_another_in_the_place_of_ones_own_is_not()
    {
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Most = 1, Clock);
        await ShouldSayAsync(await StartAsync(server, Ann, $"{Origin.Home}one.mp4"), 200, """{"status":"ok"}""");

        using var full = await StartAsync(server, Bob, $"{Origin.Home}two.mp4");
        full.Headers.RetryAfter.ShouldNotBeNull();
        await ShouldSayAsync(full, 429, """{"error":"1 of 1 sessions are running (sessions.most)."}""");

        await ShouldSayAsync(await StartAsync(server, Ann, $"{Origin.Home}two.mp4"), 200, """{"status":"ok"}""");
        var running = server.App.Services.GetRequiredService<SessionDesk>().All;
        running.Select(session => session.Wish.Shown).ShouldBe([$"{Origin.Home}two.mp4"]);
    }

    [Fact]
    public async Task Heartbeats_keep_it_and_45_seconds_without_are_its_end()
    {
        await using var server = await SessionServer.StartAsync(clock: Clock);
        await ShouldSayAsync(await StartAsync(server, Ann, Origin.Url), 200, """{"status":"ok"}""");
        for (var i = 0; i < 8; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(15));
            await ShouldSayAsync(await PostAsync(server, $"/heartbeat/{Ann}"), 200, """{"status":"ok"}""");
        }

        Clock.Advance(TimeSpan.FromSeconds(46));
        Clock.Advance(TimeSpan.FromSeconds(15));

        await ShouldSayAsync(await PostAsync(server, $"/heartbeat/{Ann}"), 404, """{"status":"session_not_found"}""");
        (await Eventually.Holds(() => server.StoredFiles().Length == 0)).ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Who_stops_a_session_that_others_watch_by_its_link_only_leaves()
    {
        await using var server = await SessionServer.StartAsync(clock: Clock);
        var session = await SessionServer.BeginAsync(server, Origin.Url);
        await ShouldSayAsync(await StartAsync(server, Ann, Origin.Url), 200, """{"status":"ok"}""");

        await ShouldSayAsync(await PostAsync(server, $"/stop/{Ann}"), 200, """{"status":"stopped"}""");

        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{session.Text("id")}")).ShouldBe(200);
    }

    [Theory]
    [InlineData("--script=/tmp/evil.lua")]
    [InlineData("file:///etc/passwd")]
    [InlineData("concat:/etc/passwd|/etc/hosts")]
    [InlineData("http://127.0.0.1:22")]
    [InlineData("https://example.org/'; rm -rf / #\n")]
    public async Task What_is_no_address_starts_nothing(string url)
    {
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = []);

        using var refused = await StartAsync(server, Ann, url);

        ((int)refused.StatusCode).ShouldBeOneOf(422, 502);
        (await refused.JsonAsync()).Text("error").ShouldNotBeNullOrEmpty();
        (await PlaylistAsync(server, Ann)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task What_makes_no_sense_is_told_so()
    {
        await using var server = await SessionServer.StartAsync();
        foreach (var name in (string[])["a.b", "..%2fx", new('x', 65), "a%20b"])
        {
            (await StartAsync(server, name, Origin.Url)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, name);
        }

        (await StartAsync(server, Ann, "")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(server, $"/stream/{Ann}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.Http.GetAsync($"/stream/{Ann}")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        Origin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_others_reach_the_server_the_operator_starts_and_names_cannot_be_guessed()
    {
        await using var server = await SessionServer.StartAsync(guarded: true);
        (await StartAsync(server, Ann, Origin.Url)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await StartAsync(server, "kitchen", Origin.Url, server.NewOperatorKey)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Origin.Asked.ShouldBeEmpty();

        await ShouldSayAsync(await StartAsync(server, Ann, Origin.Url, server.NewOperatorKey), 200, """{"status":"ok"}""");

        (await PlaylistAsync(server, Ann)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PlaylistAsync(server, Bob)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task ShouldSayAsync(HttpResponseMessage answer, int status, string body)
    {
        using (answer)
        {
            ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((status, body));
        }
    }

    private static async Task<HttpResponseMessage> StartAsync(SluiceServer server, string name, string url, string? key = null)
    {
        using var form = new FormUrlEncodedContent([new("url", url)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/stream/{name}") { Content = form };
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        return await server.Http.SendAsync(request);
    }

    private static Task<HttpResponseMessage> PostAsync(SluiceServer server, string path) => server.SendAsync(HttpMethod.Post, path);

    /// <summary>The playlist, wherever it is led to, as browsers go.</summary>
    private static async Task<HttpResponseMessage> PlaylistAsync(SluiceServer server, string name)
    {
        var answer = await server.Http.GetAsync($"/streams/{name}/playlist.m3u8");
        return answer.Headers.Location is { } location ? await server.Http.GetAsync(location) : answer;
    }

    [GeneratedRegex(@"^[^#\n]+\.ts.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Segments();
}
