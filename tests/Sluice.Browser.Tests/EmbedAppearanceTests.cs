using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The player alone, as pages of others show it, as in <see cref="AppearanceTests"/>. The pictures are kept in <c>artifacts/test/embed</c>.</summary>
public sealed class EmbedAppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Hostile = "<img src=x onerror=alert(1)> مرحبا بالعالم";

    [Fact]
    public async Task A_film_and_its_settings()
    {
        var server = await StartServerAsync();
        await OpenAsync(await PageOfAsync(server, MediaFiles.Film), server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("player-play")).ToBeVisibleAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await LookAsync("film");
        foreach (var (width, height) in ((int, int)[])[(390, 844), (560, 315), (1280, 800)])
        {
            await Page.SetViewportSizeAsync(width, height);
            await Page.WaitForFunctionAsync(
                """
                () => {
                  const { left, top, width, height } = document.querySelector('media-controller').getBoundingClientRect();
                  return left === 0 && top === 0 && width === innerWidth && height === innerHeight;
                }
                """);
        }

        await At("player-gear").ClickAsync();
        await Assertions.Expect(At("quality-select")).ToBeFocusedAsync();
        await LookAsync("settings");
        await At("statistics-toggle").CheckAsync();
        await At("player-gear").ClickAsync();
        await Assertions.Expect(At("statistics")).ToBeVisibleAsync();
        await LookAsync("statistics");
    }

    [Fact]
    public async Task Sound_alone()
    {
        var server = await StartServerAsync();
        await OpenAsync(await PageOfAsync(server, MediaFiles.Tone), server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("player-play")).ToBeVisibleAsync();
        await Assertions.Expect(At("pane-hls")).ToContainTextAsync("Sound only");
        await LookAsync("sound");
    }

    [Fact]
    public async Task A_link_that_does_not_open_any_more()
    {
        Guard.Expect("status of 401");
        Guard.Expect("status of 403");
        var server = await StartServerAsync(guarded: true);
        var page = await PageOfAsync(server, MediaFiles.Film);
        await OpenAsync(page, server);
        await new Player(Page, "hls").ReadyAsync();
        server.Clock.Advance(TimeSpan.FromDays(400));
        await Page.Clock.SetFixedTimeAsync(server.Clock.GetUtcNow().UtcDateTime);
        await Page.ReloadAsync();
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("This link expired");
        await LookAsync("expired");
        await OpenAsync(page.Split('?')[0], server);
        await Assertions.Expect(At("playback-error")).ToBeVisibleAsync();
        await LookAsync("no-link");
    }

    private async Task<string> PageOfAsync(SluiceServer server, string film)
    {
        var answer = await Suite.PublishAsync(server, film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile), server.NewOperatorKey);
        return $"/embed/{answer.Text("id")}?token={answer.GetProperty("playback").Text("token")}";
    }

    private Task LookAsync(string name) => new PageLook(Page).ShouldBeFitEverywhereAsync("embed/" + name);
}
