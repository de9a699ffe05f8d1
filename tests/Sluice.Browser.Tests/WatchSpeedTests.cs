using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>How soon a watch page does what it is told, counted from its address.</summary>
public sealed class WatchSpeedTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int MostMilliseconds = 1000;

    /// <summary>A machine that does something else makes a load slow, and none fast: one good one shows what the page can do.</summary>
    private const int MostLoads = 12;

    /// <summary>Presses <c>k</c> until it plays, and keeps the moment: by then the controls are there, and the player has its first picture.</summary>
    private const string Impatient =
        """
        const press = () => {
          const video = document.querySelector('video');
          if (video !== null && video.readyState >= 2) {
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', code: 'KeyK', bubbles: true, cancelable: true }));
            document.body.dispatchEvent(new KeyboardEvent('keyup', { key: 'k', code: 'KeyK', bubbles: true, cancelable: true }));
            if (!video.paused) {
              window.answeredMs = performance.now();
              return;
            }
          }
          setTimeout(press, 10);
        };
        addEventListener('DOMContentLoaded', press);
        """;

    [Fact]
    public async Task It_plays_by_key_within_a_second_also_for_who_comes_the_first_time()
    {
        var film = (await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("playback").GetProperty("watch").GetString()!;
        var took = new List<double>();
        do
        {
            // A context of its own has nothing in its cache.
            await using var visitor = await Suite.Browser.NewContextAsync(Options);
            visitor.SetDefaultTimeout(BrowserSuite.LongestWait);
            await visitor.AddInitScriptAsync(Impatient);
            var page = await visitor.NewPageAsync();
            await page.GotoAsync(film);
            await page.WaitForFunctionAsync("() => window.answeredMs > 0");
            took.Add(await page.EvaluateAsync<double>("() => window.answeredMs"));
        }
        while (took[^1] > MostMilliseconds && took.Count < MostLoads);
        TestContext.Current.TestOutputHelper?.WriteLine($"Milliseconds from the address to playing: {string.Join(", ", took.Select(ms => $"{ms:F0}"))}");

        took.Min().ShouldBeLessThanOrEqualTo(MostMilliseconds);
        await OpenAsync("/upload");
    }
}
