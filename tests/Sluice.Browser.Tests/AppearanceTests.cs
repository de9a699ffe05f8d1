using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// Every page, on a desktop and a phone, in light and dark: nothing that axe-core calls serious, nothing that sticks out, no error on the console.
/// The pictures are kept in <c>artifacts/test/pages</c>, to be looked at.
/// </summary>
public sealed class AppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Hostile = "<img src=x onerror=alert(1)> \u202Eمرحبا بالعالم\u202C & more";

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Every_page_is_fit_to_be_seen(int width, ColorScheme scheme)
    {
        await new PageLook(Page).OnAsync(width, scheme);
        var server = await StartEncodingServerAsync();

        await OpenAsync("/", server);
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
        await ShouldBeFitAsync("library-empty", width, scheme);

        var film = await Suite.PublishAsync(server, MediaFiles.Showcase);
        await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile));
        await Suite.PublishAsync(server, MediaFiles.ProRes, "/api/v1/media?expiresInMinutes=120");
        await Suite.PublishAsync(server, MediaFiles.Tone);

        await OpenAsync("/", server);
        await Assertions.Expect(At("poster").First).ToBeVisibleAsync();
        await Assertions.Expect(Page.GetByText("<img src=x onerror=alert(1)>")).ToBeVisibleAsync(); // The marks of direction are not kept.
        await ShouldBeFitAsync("library", width, scheme);
        await At("select").First.CheckAsync();
        await Assertions.Expect(At("selection")).ToBeVisibleAsync();
        await ShouldBeFitAsync("library-selected", width, scheme);

        var id = film.GetProperty("id").GetString();
        await OpenAsync($"/watch/{id}", server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("player-play")).ToBeVisibleAsync();
        await At("player-gear").ClickAsync();
        await Assertions.Expect(At("player-settings")).ToBeVisibleAsync();
        await At("statistics-toggle").CheckAsync();
        await ShouldBeFitAsync("watch", width, scheme);
        await At("player-gear").ClickAsync();
        await At("mode-both").ClickAsync();
        await new Player(Page, "dash").ReadyAsync();
        await Assertions.Expect(At("charts-dash")).ToBeVisibleAsync();
        await ShouldBeFitAsync("watch-both", width, scheme);
        await At("share").ClickAsync();
        await At("share-make").ClickAsync();
        await Assertions.Expect(At("share-qr")).ToBeVisibleAsync();
        await ShouldBeFitAsync("share", width, scheme);

        foreach (var (path, there) in ((string, string)[])[("/upload", "choose-folder"), ("/channels", "channel-form"), ("/sessions", "session-url")])
        {
            await OpenAsync(path, server);
            await Assertions.Expect(At(there)).ToBeVisibleAsync();
            await ShouldBeFitAsync(path.Trim('/'), width, scheme);
        }

        foreach (var tab in (string[])["overview", "jobs", "checks", "settings", "audit"])
        {
            await OpenAsync("/admin#" + tab, server);
            await Page.ReloadAsync();
            await Assertions.Expect(At("tab-" + tab)).ToHaveAttributeAsync("aria-selected", "true");
            await Assertions.Expect(Page.GetByRole(AriaRole.Tabpanel).Locator("ul, dl, table, section").First).ToBeVisibleAsync();
            await ShouldBeFitAsync("admin-" + tab, width, scheme);
        }

        var guarded = await StartServerAsync(guarded: true);
        Guard.Expect("status of 401");
        Guard.Expect("status of 403");
        await OpenAsync("/", guarded);
        await At("key").FillAsync("operator_wrong");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("key-refused")).ToContainTextAsync("not accepted");
        await ShouldBeFitAsync("login", width, scheme);
    }

    private Task ShouldBeFitAsync(string name, int width, ColorScheme scheme) => new PageLook(Page).ShouldBeFitAsync("pages/" + name, width, scheme);
}
