using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The pages on a phone, by keyboard, and in both colour schemes.</summary>
public sealed class LayoutTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task A_phone_shows_all_of_every_page()
    {
        await Page.SetViewportSizeAsync(390, 844);
        await OpenFilmAsync(MediaFiles.Film);
        await At("mode-both").ClickAsync();
        await new Player(Page, "dash").ReadyAsync();
        await new PageLook(Page).ShouldFitAsync(390);
        await At("room-open").ClickAsync();
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await new PageLook(Page).ShouldFitAsync(390);

        await OpenAsync("/");
        await At("toggle-tracks").First.ClickAsync();
        await new PageLook(Page).ShouldFitAsync(390);

        await OpenAsync("/upload");
        await Assertions.Expect(At("choose-folder")).ToBeVisibleAsync();
        await new PageLook(Page).ShouldFitAsync(390);
        await LeaveUnfinishedAsync();
        await new PageLook(Page).ShouldFitAsync(390);
    }

    [Fact]
    public async Task The_watch_page_works_by_keyboard()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await new Player(Page, "hls").ReadyAsync();
        (await new PageLook(Page).TabThroughAsync(20)).ShouldBe(["player-chrome", "player-seek", "player-play", "player-mute", "player-volume", "player-gear", "player-pip", "player-fullscreen", "share", "copy-link", "room-open", "mode-hls", "mode-dash", "mode-both"]);

        await At("mode-dash").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await new Player(Page, "dash").ReadyAsync();
        await Assertions.Expect(At("mode-dash")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task The_library_works_by_keyboard()
    {
        var server = await StartServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync("/", server);
        await Assertions.Expect(At("watch-link")).ToBeVisibleAsync();
        (await new PageLook(Page).TabThroughAsync(21)).ShouldBe(
            ["to-upload", "to-channels", "to-sessions", "to-admin", "lifetime", "choose-files", "import-url", "search", "show", "sort", "select", "watch-link", "toggle-tracks", "copy-link", "to-publish", "delete"]);

        await At("delete").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("confirm")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("confirm")).ToHaveCountAsync(0);
        await Assertions.Expect(At("delete")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task The_upload_page_works_by_keyboard()
    {
        await OpenAsync("/upload");
        await Assertions.Expect(At("choose-folder")).ToBeVisibleAsync();
        await LeaveUnfinishedAsync();
        (await new PageLook(Page).TabThroughAsync(14)).ShouldBe(
            ["to-upload", "to-channels", "to-sessions", "to-admin", "lifetime", "choose-files", "choose-folder", "import-url", "upload-choose", "upload-remove"]);

        await At("upload-remove").Last.FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("confirm")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("confirm")).ToHaveCountAsync(0);
        await Assertions.Expect(At("upload-remove").Last).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await At("confirm-yes").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(1);
        await Assertions.Expect(At("uploads")).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Words_can_be_read_in_both_colour_schemes(ColorScheme scheme)
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Suite.PublishedAsync(MediaFiles.ProRes);
        foreach (var path in (string[])["/", "/upload", "/channels", $"/watch/{(await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("id")}"])
        {
            await OpenAsync(path);
            await Assertions.Expect(path == "/" ? At("reason").First : path == "/upload" ? At("choose-folder") : path == "/channels" ? At("channel-form") : At("mode-both")).ToBeVisibleAsync();
            if (path == "/upload")
            {
                await LeaveUnfinishedAsync();
            }

            await new PageLook(Page).ShouldBeReadableAsync(scheme);
        }
    }

    [Fact]
    public async Task A_page_cannot_ask_a_third_party()
    {
        await OpenAsync("/");
        (await Page.EvaluateAsync<string>("() => fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')")).ShouldBe("stopped");
        Guard.Faults.ShouldContain(fault => fault.Contains("Content Security Policy", StringComparison.Ordinal));
        Guard.Expect("Content Security Policy");
        Guard.Expect("request to a third party: 127.0.0.1:9");
    }

    /// <summary>Two uploads of an earlier visit: their rows have all the buttons and no end.</summary>
    private async Task LeaveUnfinishedAsync()
    {
        var tus = new TusCalls(Suite.Server.Http);
        foreach (var name in (string[])["A name that is so long that it has to go on in the next line of a phone, and in one more.mp4", "b.mp4"])
        {
            var url = await tus.NewAsync(1000, ("Upload-Metadata", "filename YQ=="));
            (await tus.PatchAsync(url, 0, new byte[340])).EnsureSuccessStatusCode();
            await Page.EvaluateAsync(
                """
                ([url, name]) => {
                  const known = JSON.parse(localStorage.getItem('sluice.uploads') ?? '[]');
                  const left = { url, name, sizeBytes: 1000, lastModified: 1, acceptedBytes: 0, expiresInMinutes: null, expiresAt: null };
                  localStorage.setItem('sluice.uploads', JSON.stringify([...known, left]));
                }
                """, new[] { url, name });
        }

        await Page.ReloadAsync();
        await Assertions.Expect(At("upload-status").Last).ToHaveTextAsync("Choose the file again to go on at 34 % of 1 KB");
    }
}
