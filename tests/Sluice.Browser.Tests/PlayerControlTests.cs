using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The player's own controls: by pointer and by keys, and what they say.</summary>
public sealed class PlayerControlTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Keys_do_what_the_list_says_wherever_they_are_pressed()
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await Assertions.Expect(At("player-play")).ToBeVisibleAsync();

        await Page.Keyboard.PressAsync("k");
        await player.UntilAsync("!video.paused");
        await Page.Keyboard.PressAsync(" ");
        await player.UntilAsync("video.paused");
        var from = await player.TimeAsync();
        await Page.Keyboard.PressAsync("l");
        await player.UntilAsync($"video.currentTime > {from:F2} + 9.5");
        await Page.Keyboard.PressAsync("ArrowRight");
        await player.UntilAsync($"video.currentTime > {from:F2} + 19.5");
        await Page.Keyboard.PressAsync("j");
        await Page.Keyboard.PressAsync("ArrowLeft");
        await player.UntilAsync($"video.currentTime < {from:F2} + 1");
        await Page.Keyboard.PressAsync("m");
        await player.UntilAsync("video.muted");
        await Page.Keyboard.PressAsync("m");
        await player.UntilAsync("!video.muted");
        await Page.Keyboard.PressAsync("f");
        await Page.WaitForFunctionAsync("() => document.fullscreenElement?.localName === 'media-controller'");
        await Page.Keyboard.PressAsync("f");
        await Page.WaitForFunctionAsync("() => document.fullscreenElement === null");

        await Page.Keyboard.PressAsync("Shift+?");
        await Assertions.Expect(At("keys")).ToContainTextAsync("Back 10 seconds");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("keys")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Quality_speed_and_numbers_are_in_the_settings(string kind)
    {
        await OpenFilmAsync(MediaFiles.Film);
        var player = await new Player(Page, kind).ChosenAsync();
        await At("player-gear").ClickAsync();
        await Assertions.Expect(At("quality-select")).ToBeFocusedAsync();
        (await At("quality-select").Locator("option").First.TextContentAsync()).ShouldBe("Automatic");
        await Assertions.Expect(At("quality-select").Locator("option").Nth(1)).ToContainTextAsync("p");
        await At("quality-select").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await At("speed-select").SelectOptionAsync("2");
        await player.UntilAsync("video.playbackRate === 2");
        await At("statistics-toggle").CheckAsync();
        await Assertions.Expect(At("stat-startup")).ToContainTextAsync("s");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("player-settings")).ToHaveCountAsync(0);
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task Who_comes_back_goes_on_where_they_stopped()
    {
        await OpenFilmAsync(MediaFiles.Long);
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.SeekAsync(300);
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await Page.ReloadAsync();
        await player.UntilAsync("video.readyState >= 2 && video.currentTime > 295");
        (await player.TimeAsync()).ShouldBeLessThan(400);
    }

    [Fact]
    public async Task How_it_played_is_told_to_this_server_and_drawn_in_the_library()
    {
        var server = await StartServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Film);
        await OpenAsync("/", server);
        await At("watch-link").ClickAsync();
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await Page.GoBackAsync();
        await Page.WaitForFunctionAsync("() => document.querySelector('[data-testid=toggle-tracks]') !== null");
        (await Eventually.Holds(async () =>
        {
            var id = (await server.Assets.ListAsync(null, 1, TestContext.Current.CancellationToken))[0].Id;
            return (await server.Http.GetStringAsync($"/api/v1/media/{id}/playbacks")).Contains("\"kind\":\"hls\"", StringComparison.Ordinal);
        })).ShouldBeTrue();
        await At("toggle-tracks").ClickAsync();
        await Assertions.Expect(At("experience-chart").Locator("rect")).ToHaveCountAsync(1);
        await Assertions.Expect(At("experience")).ToContainTextAsync("Failed 0");
    }

    [Fact]
    public async Task Side_by_side_each_has_its_charts()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await At("mode-both").ClickAsync();
        foreach (var kind in (string[])["hls", "dash"])
        {
            await new Player(Page, kind).ReadyAsync();
            await Assertions.Expect(At($"startup-{kind}")).ToContainTextAsync("ms");
            foreach (var chart in (string[])["buffer", "rate", "dropped"])
            {
                await Assertions.Expect(At($"{chart}-chart-{kind}").Locator("canvas")).ToBeVisibleAsync();
            }
        }
    }

    [Fact]
    public async Task A_link_is_made_to_be_shared_and_embedded()
    {
        var server = await StartServerAsync();
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).GetProperty("id").GetString();
        await OpenAsync($"/watch/{id}", server);
        await At("share").ClickAsync();
        await At("share-views").FillAsync("2");
        await At("share-make").ClickAsync();
        var link = await At("share-link").InputValueAsync();
        link.ShouldContain($"/watch/{id}?token=");
        await Assertions.Expect(At("share-qr")).ToBeVisibleAsync();
        var code = await At("share-embed").InputValueAsync();
        code.ShouldContain(link.Replace("/watch/", "/embed/", StringComparison.Ordinal));

        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Address.AbsoluteUri);
        await Page.EvaluateAsync("code => { document.body.innerHTML = code; }", code);
        var frame = Page.FrameLocator("iframe");
        await frame.GetByTestId("player-play").ClickAsync();
        await Assertions.Expect(frame.Locator("video")).ToHaveJSPropertyAsync("paused", false);
        await Assertions.Expect(frame.Locator("header")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_page_that_may_not_play_it_cannot_embed_it()
    {
        var server = await StartServerAsync(options: options => options.Access.AllowedOrigins = ["https://good.example", "*.example.org"]);
        var id = (await Suite.PublishAsync(server, MediaFiles.Tone)).GetProperty("id").GetString();
        using var answer = await server.Http.GetAsync($"/embed/{id}");
        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldEndWith("frame-ancestors 'self' https://good.example https://*.example.org");
        policy.ShouldNotContain("unsafe");
        using var watch = await server.Http.GetAsync($"/watch/{id}");
        watch.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldEndWith("frame-ancestors 'none'");
        Guard.Trust(server.Http.BaseAddress!);
        await OpenAsync("/", server);
    }
}
