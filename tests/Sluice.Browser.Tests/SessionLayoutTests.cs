using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The pages of sessions on a phone, by keyboard, and in both colour schemes.</summary>
public sealed class SessionLayoutTests(BrowserSuite suite) : SessionPageTest(suite)
{
    [Fact]
    public async Task A_phone_shows_all_of_both_pages()
    {
        await Page.SetViewportSizeAsync(390, 844);
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await Look.ShouldFitAsync(390);

        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-item")).ToHaveCountAsync(1);
        await Look.ShouldFitAsync(390);
    }

    [Fact]
    public async Task Both_pages_work_by_keyboard()
    {
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await new Player(Page, "hls").ReadyAsync();
        (await Look.TabThroughAsync(30)).Take(15).ShouldBe(
            ["player-chrome", "player-seek", "player-play", "player-mute", "player-volume", "player-gear", "player-pip", "player-fullscreen", "session-invite", "mode-hls", "mode-dash", "mode-both", "session-keep", "session-end", "room-leave"]);

        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-item")).ToHaveCountAsync(1);
        (await Look.TabThroughAsync(12)).ShouldBe(
            ["to-upload", "to-channels", "to-sessions", "to-admin", "session-url", "session-title", "session-choose", "session-link", "session-invite", "session-end"]);
        await At("session-end").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("confirm")).ToHaveCountAsync(0);
        await Assertions.Expect(At("session-end")).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Words_can_be_read_in_both_colour_schemes(ColorScheme scheme)
    {
        Guard.Expect("status of 4");
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await Look.ShouldBeReadableAsync(scheme);

        await BeginAsync("file:///etc/passwd");
        await Assertions.Expect(At("session-problem")).ToBeVisibleAsync();
        await Assertions.Expect(At("session-item")).ToHaveCountAsync(1);
        await Look.ShouldBeReadableAsync(scheme);
    }

    [Fact]
    public async Task Nothing_moves_when_the_player_comes()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = await OpenSessionAsync(Origin.Url);
        await Page.RouteAsync("**/api/v1/sessions/*", async route =>
        {
            await gate.Task;
            await route.ContinueAsync();
        });
        await Page.GotoAsync(link);
        await Assertions.Expect(At("session-opening")).ToBeVisibleAsync();
        var before = await HeadingAsync();
        gate.SetResult();
        await new Player(Page, "hls").ReadyAsync();
        (await HeadingAsync()).ShouldBe(before, tolerance: 1);
    }

    private PageLook Look => new(Page);

    /// <summary>How far down the title of the page is.</summary>
    private Task<double> HeadingAsync() => Page.EvaluateAsync<double>("() => document.querySelector('h1').getBoundingClientRect().top + scrollY");
}
