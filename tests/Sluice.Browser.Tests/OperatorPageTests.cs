using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The operator in a browser: in with the key, which stays nowhere, and out again.</summary>
public sealed class OperatorPageTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task The_key_is_given_once_and_kept_nowhere()
    {
        Guard.Expect("status of 401");
        Guard.Expect("status of 403");
        var server = await StartServerAsync(guarded: true);
        var key = server.NewOperatorKey!;
        await Suite.PublishAsync(server, MediaFiles.Tone, bearer: key);

        await OpenAsync("/", server);
        await At("key").FillAsync("operator_wrong");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("key-refused")).ToContainTextAsync("That key was not accepted.");
        await At("key").FillAsync(key);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);

        var kept = await Page.EvaluateAsync<string>("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])");
        kept.ShouldNotContain(key);
        kept.ShouldNotContain("sluice_operator");
        var cookie = (await Context.CookiesAsync()).ShouldHaveSingleItem();
        (cookie.Name, cookie.HttpOnly, cookie.SameSite).ShouldBe(("sluice_operator", true, SameSiteAttribute.Strict));
        cookie.Value.ShouldNotBe(key);

        await Page.ReloadAsync();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await OpenAsync("/admin", server);
        await Assertions.Expect(At("overview")).ToBeVisibleAsync();
        await At("tab-audit").ClickAsync();
        await Assertions.Expect(At("audit-entry").First).ToHaveAttributeAsync("data-action", "logged-in");
        await Assertions.Expect(At("audit-entry").Nth(1)).ToContainTextAsync("A wrong operator key was tried");

        await At("log-out").ClickAsync();
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        (await Context.CookiesAsync()).ShouldBeEmpty();
        await OpenAsync("/", server);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
    }
}
