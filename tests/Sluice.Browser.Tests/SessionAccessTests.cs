using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Sessions of a server that wants its key: the operator begins, and who is invited watches.</summary>
public sealed class SessionAccessTests(BrowserSuite suite) : SessionPageTest(suite)
{
    private protected override Task<SluiceServer> StartServerForSessionsAsync() => StartImportingServerAsync(guarded: true);

    [Fact]
    public async Task The_key_is_asked_for_once_and_who_is_invited_needs_none()
    {
        Guard.Expect("status of 401");
        await BeginAsync(Origin.Url);
        await Page.GetByLabel("Operator key").FillAsync(Server.NewOperatorKey!);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/sessions/*");
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("session-end")).ToBeVisibleAsync();

        await using var elsewhere = await Suite.Browser.NewContextAsync(Options);
        var guard = new PageGuard(elsewhere);
        guard.Trust(Server.Http.BaseAddress!);
        var friend = await elsewhere.NewPageAsync();
        await friend.GotoAsync(Page.Url);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        await new Player(friend, "hls").ReadyAsync();
        await Assertions.Expect(friend.GetByTestId("session-invite")).ToBeVisibleAsync();
        await Assertions.Expect(friend.GetByTestId("session-end")).ToHaveCountAsync(0);
        await Assertions.Expect(friend.GetByTestId("session-keep")).ToHaveCountAsync(0);
        guard.ShouldBeClean();
    }
}
