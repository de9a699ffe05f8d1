using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>HLS and DASH beside each other: what each side's charts say is true of that side.</summary>
public sealed class SideBySideTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task What_the_charts_say_is_so(int width)
    {
        await Page.SetViewportSizeAsync(width, 900);
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.Long);
        await OpenAsync($"/watch/{media.Text("id")}", server);
        await At("mode-both").ClickAsync();
        foreach (var kind in (string[])["hls", "dash"])
        {
            var player = new Player(Page, kind);
            await player.ReadyAsync();
            await player.PlayAsync();
            await player.PlaysOnAsync();
            await player.PauseAsync();

            // Paused it loads on, and stands still: what is told is what the element has.
            (await Eventually.Holds(async () => Math.Abs(await NumberAsync("buffer", kind) - await AheadAsync(kind)) < 1.5)).ShouldBeTrue();
            (await NumberAsync("buffer", kind)).ShouldBeGreaterThan(3);
            (await TextAsync("dropped", kind)).ShouldBe((await DroppedAsync(kind)).ToString(CultureInfo.InvariantCulture));
            (await TextAsync("rate", kind)).ShouldMatch(@"^\d[\d.]* [kM]b/s$");
            (await MillisecondsAsync(kind)).ShouldBeInRange(1, 60_000);
            await Assertions.Expect(At($"charts-{kind}")).ToContainTextAsync("Switches 0");
        }

        // One set of bytes, though the manifests count the sound in ways of their own.
        (await NumberAsync("rate", "hls") / await NumberAsync("rate", "dash")).ShouldBeInRange(0.9, 1.1);
    }

    private Task<string> TextAsync(string chart, string kind) => At($"{chart}-chart-{kind}").Locator("figcaption b").InnerTextAsync();

    private async Task<double> NumberAsync(string chart, string kind) =>
        double.Parse((await TextAsync(chart, kind)).Split(' ')[0], CultureInfo.InvariantCulture);

    private async Task<int> MillisecondsAsync(string kind) => int.Parse(
        Regex.Match(await At($"startup-{kind}").InnerTextAsync(), @"^\d+(?= ms$)", RegexOptions.None, TimeSpan.FromSeconds(1)).Value, CultureInfo.InvariantCulture);

    private Task<double> AheadAsync(string kind) => At($"player-{kind}").EvaluateAsync<double>(
        "video => [...Array(video.buffered.length).keys()].map(n => [video.buffered.start(n), video.buffered.end(n)])"
        + ".filter(([start, end]) => start <= video.currentTime + 0.1 && end > video.currentTime).map(([, end]) => end - video.currentTime)[0] ?? 0");

    private Task<int> DroppedAsync(string kind) => At($"player-{kind}").EvaluateAsync<int>("video => video.getVideoPlaybackQuality().droppedVideoFrames");
}
