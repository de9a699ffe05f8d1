using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A title that does not play says why: never a black picture without words.</summary>
public sealed class FailureTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_link_that_expires_during_playback_says_when_and_the_operator_gets_a_new_one(string kind)
    {
        Guard.Expect("status of 403");
        var server = await StartServerAsync();
        var id = (await Suite.PublishAsync(server, MediaFiles.Long)).GetProperty("id").GetString();
        // Before the page opens: timers from before the clock is taken over could not be stopped after.
        await SetBrowserClockAsync(server);
        await OpenAsync(Watch(await JsonAsync(server, HttpMethod.Post, $"/api/v1/media/{id}/tokens", """{"expiresInMinutes":1}""")), server);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();

        server.Clock.Advance(TimeSpan.FromSeconds(74));
        await SetBrowserClockAsync(server);
        await player.SeekAsync(1100);
        await ShouldSayAsync("token-expired", "This link expired 14 s ago.");

        // On loopback everybody is the operator.
        await At("playback-retry").ClickAsync();
        await player.ReadyAsync();
        await player.UntilAsync("video.currentTime >= 1100");
        await Assertions.Expect(At("playback-error")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_link_that_is_revoked_during_playback_says_so(string kind)
    {
        Guard.Expect("status of 403");
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Long);
        await OpenAsync(Watch(media.GetProperty("playback")), server);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();

        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.GetProperty("id")}/tokens")).EnsureSuccessStatusCode();
        await player.SeekAsync(1100);
        await ShouldSayAsync("token-revoked", "This link was revoked.");
    }

    [Fact]
    public async Task A_title_that_expired_says_when()
    {
        Guard.Expect("status of 403");
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Tone, "/api/v1/media?expiresInMinutes=1");
        server.Clock.Advance(TimeSpan.FromMinutes(3));
        await SetBrowserClockAsync(server);

        await OpenAsync($"/watch/{media.GetProperty("id")}", server);
        await ShouldSayAsync("media-expired", "This title expired 2 min ago.");
        await OpenAsync(Watch(media.GetProperty("playback")), server);
        await ShouldSayAsync("(media|token)-expired", "expired 2 min ago.");
    }

    [Fact]
    public async Task A_title_that_is_gone_says_so()
    {
        Guard.Expect("status of 404");
        await OpenAsync("/watch/nosuchtitle");
        await ShouldSayAsync("media-unknown", "This title does not exist any more.");
    }

    [Fact]
    public async Task A_link_that_was_cut_short_says_so()
    {
        Guard.Expect("status of 403");
        var watch = Watch((await Suite.PublishedAsync(MediaFiles.Tone)).GetProperty("playback"));
        await OpenAsync(watch[..^5]);
        await ShouldSayAsync("token-invalid", "This link is not valid.");
    }

    [Fact]
    public async Task A_title_that_needs_encoding_gives_the_reason()
    {
        var media = await Suite.PublishedAsync(MediaFiles.ProRes);
        await OpenAsync($"/watch/{media.GetProperty("id")}");
        await ShouldSayAsync("media-not-ready", "This title cannot be played yet.");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync(media.GetProperty("reason").GetString()!);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_picture_that_this_browser_cannot_decode_says_so(string kind)
    {
        await OpenFilmAsync(MediaFiles.Hevc);
        await At($"mode-{kind}").ClickAsync();
        await ShouldSayAsync("codec-unsupported", "This browser cannot play the codecs of this title.");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("hvc1");
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_server_that_went_away_is_named_as_the_reason(string kind)
    {
        Guard.Expect("net::ERR_");
        var server = await StartServerAsync();
        await OpenAsync(Watch((await Suite.PublishAsync(server, MediaFiles.Long)).GetProperty("playback")), server);
        var player = await new Player(Page, kind).ChosenAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();

        await server.App.StopAsync();
        await player.SeekAsync(1100);
        await ShouldSayAsync("network", "The server cannot be reached.");
    }

    [Fact]
    public async Task A_guarded_server_asks_for_its_key_and_plays_links_without_it()
    {
        Guard.Expect("status of 401");
        var server = await StartServerAsync(guarded: true);
        var media = await Suite.PublishAsync(server, MediaFiles.Tone, bearer: server.NewOperatorKey);

        await OpenAsync($"/watch/{media.GetProperty("id")}", server);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("with its token");
        await Page.GetByLabel("Operator key").FillAsync(server.NewOperatorKey!);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await new Player(Page, "hls").ReadyAsync();

        await using var stranger = await Suite.Browser.NewContextAsync();
        var page = await stranger.NewPageAsync();
        await page.GotoAsync(Watch(media.GetProperty("playback")));
        var player = new Player(page, "hls");
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    private static string Watch(JsonElement playback) => playback.GetProperty("watch").GetString()!;

    private static async Task<JsonElement> JsonAsync(SluiceServer server, HttpMethod method, string path, string json)
    {
        using var response = await server.SendAsync(method, path, json: json);
        response.EnsureSuccessStatusCode();
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private Task SetBrowserClockAsync(SluiceServer server) => Page.Clock.SetFixedTimeAsync(server.Clock.GetUtcNow().UtcDateTime);

    private async Task ShouldSayAsync(string code, string words)
    {
        var error = At("playback-error");
        await Assertions.Expect(error).ToBeVisibleAsync();
        await Assertions.Expect(error).ToHaveAttributeAsync("data-code", new Regex($"^{code}$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Assertions.Expect(error.GetByRole(AriaRole.Heading)).ToContainTextAsync(words);
        await Assertions.Expect(At("playback-retry")).ToBeVisibleAsync();
        (await error.BoundingBoxAsync())!.Height.ShouldBeGreaterThan(100, "the words stand where the picture would");
    }
}
