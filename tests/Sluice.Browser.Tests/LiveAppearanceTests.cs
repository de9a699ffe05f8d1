using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The room of a session and the pages of channels, as in <see cref="AppearanceTests"/>.</summary>
public sealed class LiveAppearanceTests(BrowserSuite suite, SharedLiveOrigin live) : SessionPageTest(suite), IClassFixture<SharedLiveOrigin>
{
    private const string Hostile = "<img src=x onerror=alert(1)> مرحبا بالعالم";

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Rooms_and_channels_are_fit_to_be_seen(int width, ColorScheme scheme)
    {
        await Look.OnAsync(width, scheme);
        await OpenAsync("/sessions", Server);
        await At("session-url").FillAsync(Origin.Url);
        await At("session-title").FillAsync(Hostile);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/sessions/*");
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await Look.ShouldBeFitAsync("live/session", width, scheme);
        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-item")).ToContainTextAsync(Hostile);
        await Look.ShouldBeFitAsync("live/sessions", width, scheme);

        await OpenAsync("/channels", Server);
        await At("channel-url").FillAsync(live.Url);
        await At("channel-title").FillAsync(Hostile);
        await At("channel-test").ClickAsync();
        await Assertions.Expect(At("test-result")).ToHaveAttributeAsync("data-ok", "true");
        await Look.ShouldBeFitAsync("live/channel-form", width, scheme);
        await At("channel-save").ClickAsync();
        await Assertions.Expect(At("channel-link")).ToHaveTextAsync(Hostile);
        await At("channel-details").ClickAsync();
        await Look.ShouldBeFitAsync("live/channels", width, scheme);
        await At("channel-link").ClickAsync();
        await new Player(Page, "player-live").UntilAsync("video.currentTime > 1");
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await Look.ShouldBeFitAsync("live/channel", width, scheme);
    }

    private PageLook Look => new(Page);
}
