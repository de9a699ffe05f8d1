using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Server.Tests.Support;

namespace Sluice.Browser.Tests.Support;

/// <summary>Goes through a page by the tabulator, as somebody without a pointer does.</summary>
internal sealed class KeyboardWalk(IPage page)
{
    /// <summary>More stops than any page of the tests has.</summary>
    private const int LongestWay = 150;

    private const int Rounds = 3;

    /// <summary>More stops than a control has within it, as the parts of a date are.</summary>
    private const int MostWithin = 12;

    /// <summary>
    /// Where the focus is, as its place among the stops so far (-1: nowhere on the page), what it is called, and what is wrong with how it is shown.
    /// What has the focus inside of a custom element may show it anywhere from there outwards; the browser's own controls of a video show it by themselves.
    /// </summary>
    private const string Stop =
        """
        () => {
          const met = globalThis.keyboardMet ??= [];
          const host = document.activeElement;
          if (host === null || host === document.body || host === document.documentElement) return { place: -1, name: '', fault: '' };
          if (!met.includes(host)) met.push(host);
          let inner = host;
          while (inner.shadowRoot?.activeElement) inner = inner.shadowRoot.activeElement;
          const layers = [];
          for (let e = inner; e !== null; e = e === host ? null : e.parentElement ?? e.getRootNode().host) layers.push(getComputedStyle(e));
          const outlined = host.matches('video[controls]') || layers.some(({ outlineStyle, outlineWidth, outlineColor, boxShadow }) =>
            (outlineStyle !== 'none' && outlineWidth !== '0px' && !/, 0\)$/.test(outlineColor)) || boxShadow !== 'none');
          const box = host.getBoundingClientRect();
          const inSight = box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
          const fault = !host.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || !inSight ? 'cannot be seen' : outlined ? '' : 'does not show it';
          return { place: met.indexOf(host), name: host.dataset.testid ?? host.outerHTML.slice(0, 100), fault };
        }
        """;

    /// <summary>Controls that were not among the stops. Of tabs and of radio buttons, the one that is chosen stands for all; arrows lead to the others.</summary>
    private const string Missed =
        """
        within => [...(within === null ? document : document.querySelector(within)).querySelectorAll(
            'a[href], button, input, select, textarea, summary, [role=button], [role=switch], media-time-range, media-volume-range, media-play-button, media-mute-button, media-captions-button, media-pip-button, media-fullscreen-button')]
          .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.matches('[role=tab][aria-selected=false]') && e.closest('[aria-hidden=true]') === null)
          .filter(e => !globalThis.keyboardMet.some(met => met === e || (e.type === 'radio' && met.type === 'radio' && met.name === e.name)))
          .map(e => e.dataset.testid ?? e.outerHTML.slice(0, 160))
        """;

    /// <summary>
    /// Every control can be reached and the way comes around to where it began; what has the focus can be seen to have it.
    /// What came to the page behind the keyboard is met the next time around.
    /// </summary>
    /// <param name="within">A selector of the dialog that holds the focus; null for the page.</param>
    /// <returns>What was come by, in order.</returns>
    public async Task<string[]> ShouldReachAllAsync(string? within = null)
    {
        for (var round = 1; ; round++)
        {
            var met = await AroundAsync();
            if (within is not null)
            {
                (await page.EvaluateAsync<bool>("within => globalThis.keyboardMet.every(e => e.closest(within) !== null)", within))
                    .ShouldBeTrue($"{within} does not hold the focus: {string.Join(", ", met)}");
            }

            var missed = await page.EvaluateAsync<string[]>(Missed, within);
            if (missed.Length == 0)
            {
                return met;
            }

            if (round == Rounds)
            {
                throw new ShouldAssertException($"The keyboard does not reach {string.Join(", ", missed)}, only {string.Join(", ", met)}");
            }
        }
    }

    /// <summary>Goes on by the tabulator until it is where it began.</summary>
    private async Task<string[]> AroundAsync()
    {
        await page.EvaluateAsync("() => { globalThis.keyboardMet = []; }");
        var names = new List<string>();
        var (last, within) = (-1, 0);
        for (var step = 0; step < LongestWay; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            var stop = await page.EvaluateAsync<JsonElement>(Stop);
            var (place, name) = (stop.GetProperty("place").GetInt32(), stop.Text("name"));
            if (place < 0)
            {
                continue; // Between the end of the page and its beginning.
            }

            within = place == last ? within + 1 : 0;
            if (place < last || within == MostWithin)
            {
                place.ShouldBe(0, $"the keyboard is caught at {name}, of {string.Join(", ", names)}");
                return [.. names];
            }

            stop.Text("fault").ShouldBeEmpty($"{name} has the focus");
            if (place > last)
            {
                names.Add(name);
            }

            last = place;
        }

        throw new ShouldAssertException($"The keyboard never comes around: {string.Join(", ", names)}");
    }

    /// <summary>Goes on by the tabulator until it is there.</summary>
    public async Task ToAsync(string testId)
    {
        await Assertions.Expect(page.GetByTestId(testId).First).ToBeVisibleAsync();
        for (var step = 0; step < LongestWay; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>("() => document.activeElement?.dataset.testid ?? null") == testId)
            {
                return;
            }
        }

        throw new ShouldAssertException($"The keyboard does not come by {testId}.");
    }

    /// <summary>Goes there by the tabulator and presses a key.</summary>
    public async Task PressAsync(string testId, string key = "Enter")
    {
        await ToAsync(testId);
        await page.Keyboard.PressAsync(key);
    }
}
