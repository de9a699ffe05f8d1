using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// What opens over the pages, and the embedded player, with a title that has markup and two directions of writing: as in
/// <see cref="AppearanceTests"/>, and each dialog gives the focus back.
/// </summary>
public sealed class DialogAppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Hostile = "<img src=x onerror=alert(1)> مرحبا بالعالم & <b>more</b>";

    private readonly DirectoryInfo _web = Directory.CreateTempSubdirectory("sluice-web-");

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _web.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Every_dialog_is_fit_to_be_seen(int width, ColorScheme scheme)
    {
        await new PageLook(Page).OnAsync(width, scheme);
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Publish.Targets = new Dictionary<string, string> { ["web"] = _web.FullName, ["mirror"] = Path.Combine(_web.FullName, "2") });
        await Suite.PublishAsync(server, MediaFiles.Tone, "/api/v1/media?title=Other");
        var film = await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile));
        await OpenAsync("/", server);
        await Assertions.Expect(At("watch-link").First).ToHaveTextAsync(Hostile);

        foreach (var (opener, dialog) in ((string, string)[])[("toggle-tracks", "details"), ("to-publish", "publish-dialog"), ("delete", "confirm")])
        {
            await OpenedAsync(opener, dialog, width, scheme);
        }

        await At("select").First.FocusAsync();
        await Page.Keyboard.PressAsync("Space");
        await At("select").Last.FocusAsync();
        await Page.Keyboard.PressAsync("Space");
        foreach (var (opener, dialog) in ((string, string)[])[("expire-selected", "expiry-dialog"), ("publish-selected", "publish-many")])
        {
            await OpenedAsync(opener, dialog, width, scheme);
        }

        var id = film.Text("id");
        await OpenAsync($"/watch/{id}", server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await OpenedAsync("share", "share-dialog", width, scheme);
        await At("player-chrome").FocusAsync();
        await Page.Keyboard.PressAsync("?");
        await Assertions.Expect(At("keys")).ToBeVisibleAsync();
        await new PageLook(Page).ShouldBeFitAsync("dialogs/keys", width, scheme);
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("keys")).ToHaveCountAsync(0);

        await OpenAsync($"/embed/{id}?token={film.GetProperty("playback").Text("token")}", server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await new PageLook(Page).ShouldBeFitAsync("dialogs/embed", width, scheme);
    }

    /// <summary>Opens a dialog by keyboard, looks at it, closes it, and is where it was.</summary>
    private async Task OpenedAsync(string opener, string dialog, int width, ColorScheme scheme)
    {
        await At(opener).First.FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At(dialog)).ToBeVisibleAsync();
        (await At(dialog).EvaluateAsync<bool>("dialog => dialog.contains(document.activeElement)")).ShouldBeTrue($"{dialog} has the focus");
        await new PageLook(Page).ShouldBeFitAsync("dialogs/" + dialog, width, scheme);
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At(dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(At(opener).First).ToBeFocusedAsync();
    }
}
