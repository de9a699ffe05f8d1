using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Parts of a title that the server still encodes are waited for, without a failure.</summary>
public sealed class EncodingTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>More refusals than the ten that a player has to bear at least.</summary>
    private const int Refusals = 11;

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_part_in_the_making_is_waited_for(string kind)
    {
        Guard.Expect("status of 503");
        var refused = 0;
        await Page.RouteAsync("**/v0/1.m4s*", route => ++refused <= Refusals ? RefuseAsync(route) : route.ContinueAsync());
        await OpenFilmAsync(MediaFiles.Film);
        await At($"mode-{kind}").ClickAsync();

        await Assertions.Expect(At("encoding-part")).ToHaveTextAsync("Encoding this part…");
        var player = new Player(Page, kind);
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
        refused.ShouldBeGreaterThan(Refusals);
        await Assertions.Expect(At("encoding-part")).ToHaveCountAsync(0);
        await Assertions.Expect(At("playback-error")).ToHaveCountAsync(0);
        await player.ShouldHoldAllAsync(33);
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_part_that_never_comes_is_named_as_the_reason_and_can_be_asked_for_again(string kind)
    {
        Guard.Expect("status of 503");
        await Page.Clock.InstallAsync();
        await Page.RouteAsync("**/v0/1.m4s*", RefuseAsync);
        await OpenFilmAsync(MediaFiles.Film);
        await At($"mode-{kind}").ClickAsync();
        await Assertions.Expect(At("encoding-part")).ToBeVisibleAsync();
        await Assertions.Expect(At("playback-error")).ToHaveCountAsync(0);

        await Page.Clock.FastForwardAsync(61_000);
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "segment-pending");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("This part is still being encoded.");
        await Assertions.Expect(At("encoding-part")).ToHaveCountAsync(0);

        await Page.UnrouteAllAsync();
        await At("playback-retry").ClickAsync();
        var player = new Player(Page, kind);
        await player.ReadyAsync();
        await player.PlayAsync();
        await player.PlaysOnAsync();
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task A_part_that_cannot_be_encoded_gives_the_reason_soon(string kind)
    {
        Guard.Expect("status of 500");
        await Page.RouteAsync("**/v0/1.m4s*", route => route.FulfillAsync(new()
        {
            Status = 500,
            ContentType = "application/problem+json",
            Body = """{"title":"The segment cannot be made.","status":500,"code":"segment-failed","detail":"The file ends in the middle."}""",
        }));
        await OpenFilmAsync(MediaFiles.Film);
        await At($"mode-{kind}").ClickAsync();
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "segment-failed");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("The file ends in the middle.");
    }

    private static Task RefuseAsync(IRoute route) => route.FulfillAsync(new()
    {
        Status = 503,
        ContentType = "application/problem+json",
        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
        Body = """{"title":"The segment is being made.","status":503,"code":"segment-pending","hint":"Ask again in a moment."}""",
    });
}
