using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Who opens the server's first page finds the way from a link to watching it with others.</summary>
public sealed class LibraryLinkTests(BrowserSuite suite) : SessionPageTest(suite)
{
    [Fact]
    public async Task A_link_is_pasted_and_watched_and_others_find_it()
    {
        await OpenAsync("/", Server);
        await At("import-url").FillAsync(Origin.Url);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/sessions/*");
        await new Player(Page, "hls").PlaysOnAsync();

        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(Server.Http.BaseAddress!.AbsoluteUri);
        await Assertions.Expect(friend.GetByTestId("running-now")).ToContainTextAsync("1 viewer");
        await friend.GetByTestId("running-link").ClickAsync();
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        await friend.CloseAsync();
    }

    [Fact]
    public async Task What_cannot_be_watched_says_why_until_something_else_is_tried()
    {
        Guard.Expect("status of 422");
        await OpenAsync("/", Server);
        await At("import-url").FillAsync("http://169.254.169.254/latest/");
        await At("link-watch").ClickAsync();
        await Assertions.Expect(At("link-problem")).ToHaveAttributeAsync("data-code", "address-refused");

        await At("import-url").FillAsync("clip.mp4");
        await At("link-watch").ClickAsync();
        await Assertions.Expect(At("link-note")).ToHaveTextAsync("That is no address. One begins with https:// or with magnet:?");
        await Assertions.Expect(At("link-problem")).ToHaveCountAsync(0);
        await Assertions.Expect(At("running-now")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Letters_may_be_twice_as_large(int width)
    {
        await Page.SetViewportSizeAsync(width, 844);
        await Context.AddInitScriptAsync("addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%'))");
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await new PageLook(Page).ShouldFitAsync(width);
        foreach (var (path, there) in ((string, string)[])[("/", "running-now"), ("/upload", "choose-folder"), ("/channels", "channel-form"), ("/sessions", "session-item")])
        {
            await OpenAsync(path, Server);
            await Assertions.Expect(At(there)).ToBeVisibleAsync();
            await new PageLook(Page).ShouldFitAsync(width);
        }
    }
}
