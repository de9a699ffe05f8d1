using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A session of an HLS playlist is a channel that nobody else hears of.</summary>
public sealed class SessionLiveTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task A_playlist_becomes_a_channel_in_no_list_and_goes_with_its_session()
    {
        await using var channels = await ChannelServer.StartAsync(segments);
        var server = channels.Server;
        channels.Set("news", "live/film.m3u8");

        var session = await SessionServer.BeginAsync(server, channels.Upstream.Url("live/film.m3u8").Secret);

        session.GetProperty("playable").Text("kind").ShouldBe("channel");
        var name = session.GetProperty("playable").Text("id");
        var playback = session.GetProperty("playback");
        (await server.Http.GetStringAsync(playback.Text("hls"))).ShouldContain("#EXTM3U");
        foreach (var list in (string[])["/api/v1/channels", "/channels.m3u", "/metrics"])
        {
            var text = await server.Http.GetStringAsync(list);
            text.ShouldContain("news", Case.Sensitive, list);
            text.ShouldNotContain(name, Case.Sensitive, list);
        }

        (await SessionServer.BeginAsync(server, channels.Upstream.Url("live/film.m3u8").Secret, status: 200)).Text("id").ShouldBe(session.Text("id"));
        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        server.App.Services.GetRequiredService<ChannelRegistry>().TryGet(name, out _).ShouldBeFalse();
        (await SessionServer.StatusAsync(server, HttpMethod.Get, playback.Text("hls"))).ShouldBe(404);
        (await SessionServer.StatusAsync(server, HttpMethod.Get, "/live/news/index.m3u8")).ShouldBe(200, "others go on");
    }

    [Fact]
    public async Task Its_links_open_it_to_strangers_and_nothing_else_does()
    {
        await using var channels = await ChannelServer.StartAsync(segments, guarded: true);
        var server = channels.Server;
        using var begun = await server.SendAsync(
            HttpMethod.Post, "/api/v1/sessions", bearer: server.NewOperatorKey, json: $$"""{"url":"{{channels.Upstream.Url("live/film.m3u8").Secret}}"}""");
        var session = await begun.JsonAsync();
        var name = session.GetProperty("playable").Text("id");

        (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/live/{name}/index.m3u8")).ShouldBe(403);
        (await SessionServer.StatusAsync(server, HttpMethod.Get, session.GetProperty("playback").Text("hls"))).ShouldBe(200);
    }

    [Fact]
    public async Task A_playlist_that_leads_inside_leads_nowhere()
    {
        await using var channels = await ChannelServer.StartAsync(segments);
        channels.Upstream.Files["live/evil.m3u8"] =
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXTINF:1,\nhttp://169.254.169.254/latest\n#EXT-X-ENDLIST\n"u8.ToArray();
        var session = await SessionServer.BeginAsync(channels.Server, channels.Upstream.Url("live/evil.m3u8").Secret);

        using var answer = await channels.Http.GetAsync(session.GetProperty("playback").Text("hls"));

        ((int)answer.StatusCode).ShouldBeOneOf(502, 503);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("root:");
    }
}
