using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>How long a session lives: on a server whose clock goes on when the test says so.</summary>
public sealed class SessionLifeTests(BrowserSuite suite) : SessionPageTest(suite)
{
    private protected override Task<SluiceServer> StartServerForSessionsAsync() =>
        StartServerAsync(options: options => options.Outbound.Allow = ["127.0.0.1/32"]);

    [Fact]
    public async Task A_page_that_nobody_looks_at_keeps_it_and_one_that_is_closed_does_not()
    {
        await Page.Clock.InstallAsync();
        await Page.AddInitScriptAsync("Object.defineProperty(document, 'hidden', { get: () => globalThis.isHidden === true });");
        var session = PathOf(await OpenSessionAsync(Origin.Url));
        await new Player(Page, "hls").UntilAsync("video.buffered.length > 0 && video.buffered.end(video.buffered.length - 1) > video.duration - 1");
        await new Player(Page, "hls").PauseAsync();
        await Page.EvaluateAsync("() => { globalThis.isHidden = true; document.dispatchEvent(new Event('visibilitychange')); }");

        for (var beat = 0; beat < 4; beat++)
        {
            Server.Clock.Advance(TimeSpan.FromSeconds(30));
            await Page.RunAndWaitForResponseAsync(
                () => Page.Clock.FastForwardAsync(15_000), answer => answer.Url.EndsWith("/heartbeat", StringComparison.Ordinal) && answer.Status == 200);
        }

        await Page.CloseAsync();
        (await Eventually.Holds(async () =>
        {
            Server.Clock.Advance(TimeSpan.FromSeconds(46));
            using var list = await Server.Http.GetAsync("/api/v1/sessions");
            return (await list.JsonAsync()).GetProperty("items").GetArrayLength() == 0;
        })).ShouldBeTrue($"{session} is still there");
    }
}
