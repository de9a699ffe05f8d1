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
        await ShouldFitAsync(390);

        await OpenAsync("/");
        await At("toggle-tracks").First.ClickAsync();
        await ShouldFitAsync(390);

        await OpenAsync("/upload");
        await Assertions.Expect(At("choose-folder")).ToBeVisibleAsync();
        await ShouldFitAsync(390);
        await LeaveUnfinishedAsync();
        await ShouldFitAsync(390);
    }

    [Fact]
    public async Task The_watch_page_works_by_keyboard()
    {
        await OpenFilmAsync(MediaFiles.Film);
        await new Player(Page, "hls").ReadyAsync();
        (await TabThroughAsync(14)).ShouldBe(["player-hls", "audio-select", "copy-link", "mode-hls", "mode-dash", "mode-both"]);

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
        (await TabThroughAsync(11)).ShouldBe(["to-upload", "lifetime", "choose-files", "import-url", "watch-link", "toggle-tracks", "copy-link", "delete"]);

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
        (await TabThroughAsync(12)).ShouldBe(
            ["to-upload", "lifetime", "choose-files", "choose-folder", "import-url", "upload-choose", "upload-remove"]);

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
        foreach (var path in (string[])["/", "/upload", $"/watch/{(await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("id")}"])
        {
            await OpenAsync(path);
            await Assertions.Expect(path == "/" ? At("reason").First : path == "/upload" ? At("choose-folder") : At("mode-both")).ToBeVisibleAsync();
            if (path == "/upload")
            {
                await LeaveUnfinishedAsync();
            }

            // WCAG 2.2, 1.4.3: 4.5 to 1.
            (await Page.EvaluateAsync<string[]>(Faint)).ShouldBeEmpty();
            (await Page.EvaluateAsync<double>("() => parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"))
                .ShouldBeInRange(scheme == ColorScheme.Dark ? 0 : 200, scheme == ColorScheme.Dark ? 60 : 255);
        }
    }

    [Fact]
    public async Task The_description_of_the_api_works_under_its_policy()
    {
        await OpenAsync("/docs/index.html");
        await Assertions.Expect(Page.GetByText("/refresh-token/{id}").First).ToBeVisibleAsync();
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

    /// <summary>Every visible text whose contrast to the nearest opaque background behind it is below 4.5.</summary>
    private const string Faint =
        """
        () => {
          const rgb = text => text.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
            .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = element => {
            for (let e = element; e; e = e.parentElement) {
              const color = rgb(getComputedStyle(e).backgroundColor);
              if (color[3] === undefined || color[3] === 1) return color;
            }
            return rgb(getComputedStyle(document.body).backgroundColor);
          };
          return [...document.querySelectorAll('body *')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '') && e.checkVisibility() && !e.closest('.visually-hidden, .loading, noscript'))
            .map(e => {
              const [a, b] = [luminance(rgb(getComputedStyle(e).color)), luminance(behind(e))].sort((x, y) => y - x);
              return { ratio: (a + 0.05) / (b + 0.05), text: e.textContent.trim().slice(0, 40) };
            })
            .filter(({ ratio }) => ratio < 4.5)
            .map(({ ratio, text }) => `${ratio.toFixed(2)}: ${text}`);
        }
        """;

    /// <summary>Nothing sticks out at the side, and every control is wholly on the page.</summary>
    private async Task ShouldFitAsync(int width)
    {
        (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        (await Page.EvaluateAsync<string[]>(
            """
            width => [...document.querySelectorAll('button, a, select, video, h1, h2')]
              .filter(e => e.checkVisibility() && !e.closest('.visually-hidden'))
              .filter(e => { const box = e.getBoundingClientRect(); return box.left < 0 || box.right > width; })
              .map(e => e.outerHTML.slice(0, 80))
            """, width)).ShouldBeEmpty();
    }

    /// <summary>The test ids that the keyboard comes by, each once; what has the focus can be seen to have it.</summary>
    private async Task<string[]> TabThroughAsync(int steps)
    {
        var met = new List<string>();
        for (var step = 0; step < steps; step++)
        {
            await Page.Keyboard.PressAsync("Tab");
            var (id, outline) = await FocusAsync();
            if (id.Length > 0 && !met.Contains(id))
            {
                met.Add(id);
                outline.ShouldBeTrue($"{id} has the focus and does not show it");
            }
        }

        return [.. met];
    }

    private async Task<(string Id, bool Outlined)> FocusAsync()
    {
        var focus = await Page.EvaluateAsync<string[]>(
            """
            () => {
              const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              return [document.activeElement.dataset.testid ?? '', outlineStyle, outlineWidth];
            }
            """);
        return (focus[0], focus[1] != "none" && focus[2] != "0px");
    }
}
