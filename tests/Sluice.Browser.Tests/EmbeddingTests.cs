using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Streams on a page of another site, which the token and CORS allow.</summary>
public sealed class EmbeddingTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Hls_js_plays_the_transport_stream_of_a_pyhls_upload()
    {
        var answer = await Suite.PublishAsync(Suite.Server, MediaFiles.Film, "/upload/?expiry_minutes=60");
        await PlayElsewhereAsync("hls", answer.GetProperty("playlist_url").GetString()!, 33);
        Guard.Requests.ShouldContain(path => path.EndsWith(".ts", StringComparison.Ordinal));
        Guard.Requests.ShouldNotContain(path => path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Players_of_another_site_play_the_fragments(string kind)
    {
        var playback = (await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("playback");
        await PlayElsewhereAsync(kind, playback.GetProperty(kind).GetString()!, 33);
        Guard.Requests.ShouldContain(path => path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chromium_itself_plays_the_playlist()
    {
        var playback = (await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("playback");
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page("native", playback.GetProperty("hls").GetString()!));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await player.SeekAsync(26);
        await player.PlaysOnAsync();
        (await player.DurationAsync()).ShouldBeInRange(32.9, 33.1);
    }

    [Fact]
    public async Task Only_pages_that_may_play_do_and_others_can_say_why_not()
    {
        await using var friend = await ForeignSite.StartAsync();
        await using var stranger = await ForeignSite.StartAsync();
        var origin = friend.Address.GetLeftPart(UriPartial.Authority);
        var server = await StartServerAsync(options: o => o.Access.AllowedOrigins = [origin]);
        Guard.Trust(friend.Address);
        Guard.Trust(stranger.Address);
        Guard.Expect("403");
        var playback = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("playback");
        var stream = playback.GetProperty("hls").GetString()!;

        await Page.GotoAsync(friend.Page("hls", stream));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);

        await Page.GotoAsync(stranger.Page("hls", stream));
        await Assertions.Expect(At("reason")).ToHaveTextAsync(
            $"origin-refused: Pages of {stranger.Address.GetLeftPart(UriPartial.Authority)} may not play this.");

        await OpenAsync(playback.GetProperty("watch").GetString()!, server);
        await new Player(Page, "hls").ReadyAsync();
    }

    [Fact]
    public async Task Our_own_page_plays_although_every_request_must_say_where_it_comes_from()
    {
        var server = await StartServerAsync(options: o => (o.Access.AllowedOrigins, o.Access.AllowNoReferer) = ([], false));
        var playback = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("playback");
        await OpenAsync(playback.GetProperty("watch").GetString()!, server);
        await new Player(Page, "hls").ReadyAsync();
        await (await new Player(Page, "dash").ChosenAsync()).ReadyAsync();
    }

    [Fact]
    public async Task A_link_that_was_viewed_as_often_as_it_may_be_says_so()
    {
        var server = await StartServerAsync(options: o => o.Server.TrustedProxies = ["127.0.0.1"]);
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("id").GetString();
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: """{"maxViews":1}""");
        var playback = await issued.JsonAsync();
        (await server.SendAsync(HttpMethod.Get, playback.Text("hls"), headers: ("X-Forwarded-For", "203.0.113.5"))).EnsureSuccessStatusCode();

        Guard.Expect("403");
        await OpenAsync(playback.Text("watch"), server);
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "views-used-up");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("This link was viewed as often as it may be.");
    }

    [Fact]
    public async Task What_is_encrypted_plays_here_and_elsewhere_by_hls_alone()
    {
        var server = await StartServerAsync();
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("id").GetString();
        (await server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{id}", json: """{"encryption":"aes-128"}""")).EnsureSuccessStatusCode();
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens");
        var playback = await issued.JsonAsync();

        await PlayElsewhereAsync("hls", playback.Text("hls"), 33);
        Guard.Requests.ShouldContain(path => path.EndsWith("/v0/key", StringComparison.Ordinal));

        await OpenAsync(playback.Text("watch"), server);
        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await Assertions.Expect(At("copy-link")).ToBeVisibleAsync();
        await Assertions.Expect(At("mode-dash")).ToHaveCountAsync(0);
    }

    private async Task PlayElsewhereAsync(string kind, string stream, double durationSeconds)
    {
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page(kind, stream));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await player.ShouldHoldAllAsync(durationSeconds);
        await player.SeekAsync(durationSeconds * 0.8);
        await player.PlaysOnAsync();
    }
}
