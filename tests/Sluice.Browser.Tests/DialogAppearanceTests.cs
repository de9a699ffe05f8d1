using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// What opens over the pages, on a desktop and a phone, in light and dark, with a title that has markup and two directions of writing: nothing that axe-core
/// calls serious, nothing that sticks out. It takes the focus, holds it, and gives it back. The pictures are kept in <c>artifacts/test/dialogs</c>.
/// </summary>
public sealed class DialogAppearanceTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const string Hostile = "<img src=x onerror=alert(1)> مرحبا بالعالم & <b>more</b>";

    private readonly DirectoryInfo _web = Directory.CreateTempSubdirectory("sluice-web-");

    private int _width;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _web.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task In_the_library(int width)
    {
        await OnAsync(width);
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Publish.Targets = new Dictionary<string, string> { ["web"] = _web.FullName, ["mirror"] = Path.Combine(_web.FullName, "2") });
        await Suite.PublishAsync(server, MediaFiles.Tone, "/api/v1/media?title=Other");
        await PublishFilmAsync(server);
        await OpenAsync("/", server);
        await Assertions.Expect(At("watch-link").First).ToHaveTextAsync(Hostile);
        await OpenedAsync("toggle-tracks", "details");
        await OpenedAsync("to-publish", "publish-dialog");
        await OpenedAsync("delete", "confirm");

        await At("select").First.PressAsync("Space");
        await At("select").Last.PressAsync("Space");
        await OpenedAsync("expire-selected", "expiry-dialog");
        await OpenedAsync("publish-selected", "publish-many");
        await OpenedAsync("delete-selected", "confirm", "confirm-many");
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task In_the_player(int width)
    {
        await OnAsync(width);
        var server = await StartServerAsync();
        var id = await PublishFilmAsync(server);
        await OpenAsync($"/watch/{id}", server);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await OpenedAsync("share", "share-dialog", then: async () =>
        {
            await At("share-make").PressAsync("Enter");
            await Assertions.Expect(At("share-qr")).ToBeVisibleAsync();
            await Assertions.Expect(At("share-make")).ToBeFocusedAsync();
        });

        await At("player-play").FocusAsync();
        await Page.Keyboard.PressAsync("?");
        await ShouldHoldAsync("keys");
        await LookAsync("keys");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("keys")).ToHaveCountAsync(0);
        await Assertions.Expect(At("player-play")).ToBeFocusedAsync();

        await At("player-gear").PressAsync("Enter");
        await Assertions.Expect(At("quality-select")).ToBeFocusedAsync();
        await LookAsync("settings");
        await At("statistics-toggle").PressAsync("Space");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("statistics")).ToBeVisibleAsync();
        await LookAsync("statistics");
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Of_channels_and_sessions(int width)
    {
        await OnAsync(width);
        var server = await StartServerAsync();
        using var added = await server.SendAsync(HttpMethod.Put, "/api/v1/channels/news", json: $$"""{"urls":"https://live.example/news.m3u8","title":"{{Hostile}}"}""");
        added.EnsureSuccessStatusCode();
        await OpenAsync("/channels", server);
        await Assertions.Expect(At("channel-link")).ToHaveTextAsync(Hostile);
        await At("channel-details").PressAsync("Enter");
        await OpenedAsync("channel-delete", "confirm", "channel-delete");
        await At("channel-edit").PressAsync("Enter");
        await Assertions.Expect(At("channel-url")).ToBeFocusedAsync();
        await LookAsync("channel-edit");

        var id = await PublishFilmAsync(server);
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{id}}"}""");
        begun.EnsureSuccessStatusCode();
        await OpenAsync("/sessions", server);
        await Assertions.Expect(At("session-link")).ToHaveTextAsync(Hostile);
        await OpenedAsync("session-end", "confirm", "session-end");
    }

    private Task OnAsync(int width)
    {
        _width = width;
        return new PageLook(Page).OnAsync(width, ColorScheme.Light);
    }

    private async Task<string> PublishFilmAsync(SluiceServer server) =>
        (await Suite.PublishAsync(server, MediaFiles.Film, "/api/v1/media?title=" + Uri.EscapeDataString(Hostile))).Text("id");

    /// <summary>Opens a dialog by keyboard, looks at it, closes it, and is where it was.</summary>
    private async Task OpenedAsync(string opener, string dialog, string? name = null, Func<Task>? then = null)
    {
        await At(opener).First.PressAsync("Enter");
        await Assertions.Expect(At(dialog)).ToBeVisibleAsync();
        await (then?.Invoke() ?? Task.CompletedTask);
        await ShouldHoldAsync(dialog);
        await LookAsync(name ?? dialog);
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At(dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(At(opener).First).ToBeFocusedAsync();
    }

    private async Task ShouldHoldAsync(string dialog)
    {
        await Assertions.Expect(At(dialog)).ToBeVisibleAsync();
        (await At(dialog).EvaluateAsync<bool>("dialog => dialog.contains(document.activeElement)")).ShouldBeTrue($"{dialog} has the focus");
        await new KeyboardWalk(Page).ShouldReachAllAsync($"[data-testid={dialog}]");
    }

    private async Task LookAsync(string name)
    {
        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await new PageLook(Page).OnAsync(_width, scheme);
            await new PageLook(Page).ShouldBeFitAsync("dialogs/" + name, _width, scheme);
        }
    }
}
