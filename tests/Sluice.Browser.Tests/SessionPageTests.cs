using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The page of a session: from a pasted address to the end, and who comes by its link.</summary>
public sealed class SessionPageTests(BrowserSuite suite) : SessionPageTest(suite)
{
    [Fact]
    public async Task A_pasted_address_plays_and_whoever_has_the_link_is_where_everybody_is()
    {
        var link = await OpenSessionAsync(Origin.Url);
        var player = new Player(Page, "hls");
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("long one");
        await Assertions.Expect(At("session-fetched")).ToContainTextAsync("fetched");

        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(link);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        await Assertions.Expect(friend.GetByTestId("session-viewers")).ToHaveTextAsync("2 viewers");
        var other = new Player(friend, "hls");
        await other.PlaysOnAsync();

        await player.SeekAsync(150);
        await other.UntilAsync("!video.paused && video.currentTime >= 150");
        await player.PauseAsync();
        await other.UntilAsync("video.paused && !video.seeking");
        Math.Abs(await player.TimeAsync() - await other.TimeAsync()).ShouldBeLessThan(0.15);
        await friend.CloseAsync();
    }

    [Fact]
    public async Task It_ends_for_everybody_and_can_be_begun_again()
    {
        var link = await OpenSessionAsync(Origin.Url);
        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(link);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);

        Guard.Expect("status of 40"); // What both pages ask for from here on is refused,
        Guard.Expect("net::ERR_"); // and what was on its way is cut off.
        Guard.Expect("WebSocket");
        await At("session-end").ClickAsync();
        await At("confirm-yes").ClickAsync();
        foreach (var page in (IPage[])[Page, friend])
        {
            await Assertions.Expect(page.GetByTestId("session-over")).ToContainTextAsync("This session has ended.");
        }

        await friend.GetByTestId("session-again").ClickAsync();
        await Assertions.Expect(friend.GetByTestId("session-url")).ToHaveValueAsync(Origin.Url);
        await friend.GetByTestId("session-begin").ClickAsync();
        await friend.WaitForURLAsync("**/sessions/*");
        new Uri(friend.Url).AbsolutePath.ShouldNotBe(new Uri(link).AbsolutePath);
        await new Player(friend, "hls").ReadyAsync();
        await friend.CloseAsync();
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_says_so()
    {
        Guard.Expect("status of 404");
        await OpenAsync("/sessions/0000000000000000", Server);
        await Assertions.Expect(At("session-over")).ToContainTextAsync("There is no such session.");
        await At("session-again").ClickAsync();
        await Assertions.Expect(At("session-url")).ToHaveValueAsync("");
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/", "address-refused")]
    [InlineData("file:///etc/passwd", "address-refused")]
    [InlineData("garbage", "source-unsupported")]
    public async Task What_cannot_be_played_is_refused_in_the_words_of_the_server(string source, string code)
    {
        Guard.Expect("status of 4");
        if (source == "garbage")
        {
            Origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Garbage)));
        }

        await BeginAsync(source == "garbage" ? Origin.Url : source);
        await Assertions.Expect(At("session-problem")).ToHaveAttributeAsync("data-code", code);
        await Assertions.Expect(At("session-problem").Locator("p").First).Not.ToBeEmptyAsync();
        await Assertions.Expect(At("session-url")).Not.ToBeEmptyAsync();
        await Assertions.Expect(At("session-begin")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task What_plays_no_more_says_why()
    {
        var media = await Suite.PublishAsync(Server, MediaFiles.Tone);
        var id = media.GetProperty("id").GetString();
        using var begun = await Server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{id}}"}""");
        await Page.GotoAsync((await begun.JsonAsync()).Text("link"));
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("session-keep")).ToHaveCountAsync(0);

        Guard.Expect("status of 40");
        (await Server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}/tokens")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        await Assertions.Expect(At("session-failed")).ToContainTextAsync("The links to this title were revoked.");
        await Assertions.Expect(At("session-again")).ToBeVisibleAsync();
        await Assertions.Expect(At("room")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_operator_sees_what_runs_and_ends_it()
    {
        var link = await OpenSessionAsync(Origin.Url);
        var list = await Context.NewPageAsync();
        await list.GotoAsync(new Uri(Server.Http.BaseAddress!, "/sessions").AbsoluteUri);
        await Assertions.Expect(list.GetByTestId("session-item")).ToHaveCountAsync(1);
        await Assertions.Expect(list.GetByTestId("session-link")).ToHaveTextAsync("long one");
        await Assertions.Expect(list.GetByTestId("session-viewers")).ToHaveTextAsync("1 viewer");
        await Assertions.Expect(list.GetByTestId("session-fetched")).ToHaveTextAsync(new Regex("^[0-9.]+ [KM]B of [0-9.]+ MB fetched$", RegexOptions.None, TimeSpan.FromSeconds(1)));

        Guard.Expect("status of 40");
        Guard.Expect("net::ERR_"); // What was on its way is cut off.
        Guard.Expect("WebSocket");
        await list.GetByTestId("session-end").ClickAsync();
        await list.GetByTestId("confirm-yes").ClickAsync();
        await Assertions.Expect(list.GetByTestId("sessions-empty")).ToBeVisibleAsync();
        await Assertions.Expect(At("session-over")).ToBeVisibleAsync();
        using var gone = await Server.Http.GetAsync(PathOf(link));
        ((int)gone.StatusCode).ShouldBe(404);
        await list.CloseAsync();
    }
}
