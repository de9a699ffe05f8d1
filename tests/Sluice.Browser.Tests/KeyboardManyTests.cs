using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What is done to many titles at once, and links that are given away: with the keyboard alone, from the top of the page to the end of it.</summary>
public sealed class KeyboardManyTests(BrowserSuite suite) : BrowserTest(suite)
{
    private readonly DirectoryInfo _places = Directory.CreateTempSubdirectory("sluice-places-");

    private KeyboardWalk Keys => new(Page);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _places.Delete(recursive: true);
    }

    [Fact]
    public async Task They_are_given_an_expiry()
    {
        var server = await StartThreeAsync();
        await SelectTwoAsync();
        await Keys.PressAsync("expire-selected");
        await Assertions.Expect(At("expiry-dialog").GetByRole(AriaRole.Heading)).ToHaveTextAsync("When do 2 titles expire?");
        await Keys.ToAsync("expiry-set");
        await Page.Keyboard.PressAsync("Shift+Tab");
        await Assertions.Expect(Page.GetByLabel("In a week")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("ArrowUp");
        await Assertions.Expect(Page.GetByLabel("In a day")).ToBeCheckedAsync();
        await Keys.PressAsync("expiry-set");
        await Assertions.Expect(At("expiry-dialog")).ToHaveCountAsync(0);
        await Assertions.Expect(At("expiry")).ToHaveCountAsync(2);
        await Assertions.Expect(At("selection")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-link").First).ToBeFocusedAsync(); // The first of them.
        var until = (await TitlesAsync(server)).Select(title => title.GetProperty("expiresAt")).Where(at => at.ValueKind != JsonValueKind.Null).ToArray();
        until.Length.ShouldBe(2);
        until.ShouldAllBe(at => Math.Abs((at.GetDateTimeOffset() - server.Clock.GetUtcNow()).TotalHours - 24) < 0.1);
    }

    [Fact]
    public async Task They_are_published()
    {
        await StartThreeAsync();
        await SelectTwoAsync();
        await Keys.PressAsync("publish-selected");
        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("0 of 2 published on mirror.");
        await Keys.PressAsync("publish-many-place", "ArrowDown");
        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("0 of 2 published on web.");
        await Keys.PressAsync("publish-many-go");
        await Assertions.Expect(At("publish-many-line")).ToHaveTextAsync("2 of 2 published on web.");
        Directory.EnumerateFiles(Path.Combine(_places.FullName, "web"), "master.m3u8", SearchOption.AllDirectories).Count().ShouldBe(2);
        await Keys.PressAsync("close-dialog");
        await Assertions.Expect(At("publish-many")).ToHaveCountAsync(0);
        await Assertions.Expect(At("publish-selected")).ToBeFocusedAsync();
        await Keys.PressAsync("clear-selection");
        await Assertions.Expect(At("selection")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-link").First).ToBeFocusedAsync();
    }

    [Fact]
    public async Task They_are_deleted()
    {
        var server = await StartThreeAsync();
        await SelectTwoAsync();
        await Keys.PressAsync("delete-selected");
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Delete 2 titles?");
        await Keys.PressAsync("confirm-yes");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await Assertions.Expect(At("selection")).ToHaveCountAsync(0);
        await Assertions.Expect(At("watch-link")).ToBeFocusedAsync();
        (await TitlesAsync(server)).ShouldHaveSingleItem().Text("title").ShouldBe("One"); // The newest are first, and were selected.
    }

    [Fact]
    public async Task A_link_is_made_as_wished_copied_and_opened()
    {
        await Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        await OpenAsync($"/watch/{film.Text("id")}", server);
        await Keys.PressAsync("share");
        await Keys.PressAsync("share-life", "ArrowDown");
        await Assertions.Expect(At("share-life")).ToHaveValueAsync("10080");
        await Keys.ToAsync("share-views");
        await Page.Keyboard.TypeAsync("3");
        await Keys.PressAsync("share-downloads", "Space");
        await Assertions.Expect(At("share-downloads")).ToBeCheckedAsync();
        var asked = await Page.RunAndWaitForRequestAsync(
            () => Keys.PressAsync("share-make"), request => request.PostData?.Contains("expiresInMinutes", StringComparison.Ordinal) == true);
        var wish = JsonDocument.Parse(asked.PostData!).RootElement;
        (wish.GetProperty("expiresInMinutes").GetInt32(), wish.GetProperty("maxViews").GetInt32()).ShouldBe((10_080, 3));

        await Keys.PressAsync("share-copy");
        await Assertions.Expect(At("share-copy")).ToHaveTextAsync("Copied");
        var link = await Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        link.ShouldBe(await At("share-link").InputValueAsync());
        await Keys.PressAsync("share-copy-embed");
        await Page.WaitForFunctionAsync("async () => (await navigator.clipboard.readText()).includes('<iframe')");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("share-dialog")).ToHaveCountAsync(0);
        await Assertions.Expect(At("share")).ToBeFocusedAsync();

        await Page.GotoAsync(link);
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("download")).ToBeVisibleAsync();
    }

    /// <summary>A server with three titles and two places to publish to, and its library.</summary>
    private async Task<SluiceServer> StartThreeAsync()
    {
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Publish.Targets =
                ((string[])["mirror", "web"]).ToDictionary(name => name, name => Path.Combine(_places.FullName, name)));
        foreach (var (title, film) in ((string, string)[])[("One", MediaFiles.Tone), ("Two", MediaFiles.Film), ("Three", MediaFiles.Film)])
        {
            await Suite.PublishAsync(server, film, "/api/v1/media?title=" + title);
        }

        await OpenAsync("/", server);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(3);
        return server;
    }

    /// <summary>The newest two.</summary>
    private async Task SelectTwoAsync()
    {
        for (var selected = 1; selected <= 2; selected++)
        {
            await Keys.PressAsync("select", "Space");
            await Assertions.Expect(At("selected-count")).ToHaveTextAsync(string.Create(CultureInfo.InvariantCulture, $"{selected} selected"));
        }
    }

    private static async Task<JsonElement[]> TitlesAsync(SluiceServer server)
    {
        using var answer = await server.Http.GetAsync("/api/v1/media");
        return [.. (await answer.JsonAsync()).GetProperty("items").EnumerateArray()];
    }
}
