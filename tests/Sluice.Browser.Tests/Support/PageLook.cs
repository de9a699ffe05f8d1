using Microsoft.Playwright;
using Shouldly;

namespace Sluice.Browser.Tests.Support;

/// <summary>How a page looks to somebody with a phone, with a keyboard, or in the dark.</summary>
internal sealed class PageLook(IPage page)
{
    /// <summary>The last is what other tests begin with.</summary>
    private static readonly (int Width, ColorScheme Scheme)[] Looks =
        [(390, ColorScheme.Dark), (390, ColorScheme.Light), (1280, ColorScheme.Dark), (1280, ColorScheme.Light)];

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

    /// <summary>A phone of 390×844 or a desktop of 1280×800, in light or dark, where nothing moves.</summary>
    public async Task OnAsync(int width, ColorScheme scheme)
    {
        await page.SetViewportSizeAsync(width, width == 390 ? 844 : 800);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
    }

    /// <summary>The page as it is now, on a phone and a desktop, in the dark and in light: <see cref="ShouldBeFitAsync"/> of each.</summary>
    /// <param name="name">Of the pictures, with their folder.</param>
    public async Task ShouldBeFitEverywhereAsync(string name)
    {
        foreach (var (width, scheme) in Looks)
        {
            await OnAsync(width, scheme);
            await page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
            await ShouldBeFitAsync(name, width, scheme);
        }
    }

    /// <summary>Nothing that axe-core calls serious, and nothing that sticks out. A picture for people is kept under <c>artifacts/test</c>.</summary>
    /// <param name="name">Of the picture, with its folder.</param>
    /// <param name="width">Of the window.</param>
    /// <param name="scheme">That the page is shown in.</param>
    public async Task ShouldBeFitAsync(string name, int width, ColorScheme scheme)
    {
        await page.ScreenshotAsync(new()
        {
            Path = RepositoryRoot.File($"artifacts/test/{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png"),
            Animations = ScreenshotAnimations.Disabled,
            FullPage = await page.Locator("dialog[open]").CountAsync() == 0, // One is over what is in sight.
        });
        await Axe.ShouldFindNothingAsync(page, $"{name} at {width} in {scheme}");
        await ShouldFitAsync(width);
    }

    /// <summary>Nothing sticks out at the side, and every control is wholly on the page.</summary>
    public async Task ShouldFitAsync(int width)
    {
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        (await page.EvaluateAsync<string[]>(
            """
            width => [...document.querySelectorAll('button, a, select, video, h1, h2')]
              .filter(e => e.checkVisibility() && !e.closest('.visually-hidden'))
              .filter(e => { const box = e.getBoundingClientRect(); return box.left < 0 || box.right > width; })
              .map(e => e.outerHTML.slice(0, 80))
            """, width)).ShouldBeEmpty();
    }

    /// <summary>The test ids that the keyboard comes by, each once; what has the focus can be seen to have it.</summary>
    public async Task<string[]> TabThroughAsync(int steps)
    {
        var met = new List<string>();
        for (var step = 0; step < steps; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            var (id, outline) = await FocusAsync();
            if (id.Length > 0 && !met.Contains(id))
            {
                met.Add(id);
                outline.ShouldBeTrue($"{id} has the focus and does not show it");
            }
        }

        return [.. met];
    }

    /// <summary>All words can be read, on a background that is of this colour scheme.</summary>
    public async Task ShouldBeReadableAsync(ColorScheme scheme)
    {
        // WCAG 2.2, 1.4.3: 4.5 to 1.
        (await page.EvaluateAsync<string[]>(Faint)).ShouldBeEmpty();
        (await page.EvaluateAsync<double>("() => parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"))
            .ShouldBeInRange(scheme == ColorScheme.Dark ? 0 : 200, scheme == ColorScheme.Dark ? 60 : 255);
    }

    private async Task<(string Id, bool Outlined)> FocusAsync()
    {
        var focus = await page.EvaluateAsync<string[]>(
            """
            () => {
              const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              return [document.activeElement.dataset.testid ?? '', outlineStyle, outlineWidth];
            }
            """);
        return (focus[0], focus[1] != "none" && focus[2] != "0px");
    }
}
