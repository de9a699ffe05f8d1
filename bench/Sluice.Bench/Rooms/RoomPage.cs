using Microsoft.Playwright;

namespace Sluice.Bench.Rooms;

/// <summary>One page in a room, in a browser context of its own, as on a machine of its own.</summary>
internal sealed class RoomPage(IBrowserContext context, IPage page) : IAsyncDisposable
{
    private const string Player = "[data-testid=player-hls]";

    /// <summary>Milliseconds for whatever must come.</summary>
    private const float Patience = 120_000;

    /// <summary>Opens a watch page with its room, and waits for the first picture.</summary>
    public static async Task<RoomPage> OpenAsync(IBrowser browser, string watch)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 480, Height = 360 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(watch);
        var opened = new RoomPage(context, page);
        await opened.UntilAsync("video.readyState >= 2");
        return opened;
    }

    /// <summary>Lets it crawl: its scripts, and what it is sent.</summary>
    /// <param name="slowness">So many times slower run its scripts.</param>
    /// <param name="bytesPerSecond">So much it is sent.</param>
    public async Task ThrottleAsync(int slowness, int bytesPerSecond)
    {
        var session = await context.NewCDPSessionAsync(page);
        await session.SendAsync("Emulation.setCPUThrottlingRate", new Dictionary<string, object> { ["rate"] = slowness });
        await session.SendAsync("Network.enable");
        await session.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 300,
            ["downloadThroughput"] = bytesPerSecond,
            ["uploadThroughput"] = bytesPerSecond,
        });
    }

    /// <summary>The viewer plays.</summary>
    public Task PlayAsync() => page.Locator(Player).EvaluateAsync("video => video.play()");

    /// <summary>Waits until it plays on for a second from where it is.</summary>
    public async Task PlaysOnAsync()
    {
        var from = await page.Locator(Player).EvaluateAsync<double>("video => video.currentTime");
        await UntilAsync(FormattableString.Invariant($"!video.paused && video.currentTime > {from} + 1"));
    }

    /// <summary>Waits until it is in the room, or is not.</summary>
    public Task PhaseAsync(string phase) => page.WaitForSelectorAsync($"[data-testid=room][data-phase={phase}]", new() { Timeout = Patience });

    /// <summary>Pairs of the time in milliseconds since 1970 and the position, ten a second.</summary>
    public Task<double[][]> SampleAsync(int seconds) => page.EvaluateAsync<double[][]>(
        """
        async ([selector, seconds]) => {
          const video = document.querySelector(selector);
          const samples = [];
          const end = Date.now() + seconds * 1000;
          while (Date.now() < end) {
            samples.push([Date.now(), video.currentTime]);
            await new Promise(resolve => setTimeout(resolve, 100));
          }
          return samples;
        }
        """,
        new object[] { Player, seconds });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => context.DisposeAsync();

    private Task UntilAsync(string condition) => page.WaitForFunctionAsync(
        $"selector => {{ const video = document.querySelector(selector); return video !== null && {condition}; }}", Player, new() { Timeout = Patience });
}
