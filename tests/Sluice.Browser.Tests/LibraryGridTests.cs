using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A library of ten thousand titles: searched, sorted, walked through and changed by many at once.</summary>
public sealed class LibraryGridTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int Many = 10_000;

    /// <summary>Enough for as many pages as are looked at.</summary>
    private const int Few = 800;

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Ten_thousand_titles_are_a_few_elements_and_found_at_once(int width)
    {
        await Page.SetViewportSizeAsync(width, 800);
        var server = await StartServerAsync();
        await ManyTitles.AddAsync(server, Many);
        var few = await StartServerAsync();
        await ManyTitles.AddAsync(few, Few);
        await OpenAsync("/", few);
        await Assertions.Expect(At("found")).ToHaveTextAsync($"{Few} titles");
        var shortly = await ScrollAsync();
        var asked = Guard.Requests.Count(path => path == "/api/v1/media");

        await OpenAsync("/", server);
        await Assertions.Expect(At("found")).ToHaveTextAsync("10,000 titles");
        await Assertions.Expect(At("watch-link").First).ToHaveTextAsync($"Title {Many - 1}");

        var taken = await ScrollAsync();
        taken.ShouldBeLessThan((3 * shortly) + TimeSpan.FromSeconds(1), "the page works as much, however many titles there are");

        (await At("library-item").CountAsync()).ShouldBeLessThan(80);
        (await Page.EvaluateAsync<int>("() => document.querySelectorAll('*').length")).ShouldBeLessThan(3000);
        (Guard.Requests.Count(path => path == "/api/v1/media") - asked).ShouldBeInRange(12, 40);

        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        await Page.Keyboard.PressAsync("/");
        await Assertions.Expect(At("search")).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync("title 4711");
        await Assertions.Expect(At("found")).ToHaveTextAsync("1 title");
        await Assertions.Expect(At("watch-link")).ToHaveTextAsync("Title 4711");
        await Page.ReloadAsync();
        await Assertions.Expect(At("search")).ToHaveValueAsync("title 4711");
        await Assertions.Expect(At("watch-link")).ToHaveTextAsync("Title 4711");

        await At("search").FillAsync("no such title");
        await Assertions.Expect(At("nothing-found")).ToBeVisibleAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Show all titles" }).ClickAsync();
        await At("sort").SelectOptionAsync("title");
        await Assertions.Expect(At("watch-link").First).ToHaveTextAsync("Title 0");
        await Assertions.Expect(At("watch-link").Nth(2)).ToHaveTextAsync("Title 2");
        await At("show").SelectOptionAsync("trouble");
        await Assertions.Expect(At("nothing-found")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Arrows_walk_through_the_grid()
    {
        var server = await StartServerAsync();
        await ManyTitles.AddAsync(server, 200);
        await OpenAsync("/", server);
        await At("watch-link").First.FocusAsync();
        await ShouldBeAtAsync("Title 199");
        await Page.Keyboard.PressAsync("ArrowRight");
        await ShouldBeAtAsync("Title 198");
        await Page.Keyboard.PressAsync("ArrowLeft");
        await Page.Keyboard.PressAsync("ArrowLeft");
        await ShouldBeAtAsync("Title 199");
        var columns = await Page.EvaluateAsync<int>("() => getComputedStyle(document.querySelector('.row')).gridTemplateColumns.split(' ').length");
        columns.ShouldBeGreaterThan(2);
        await Page.Keyboard.PressAsync("ArrowDown");
        await ShouldBeAtAsync($"Title {199 - columns}");

        async Task ShouldBeAtAsync(string title)
        {
            await Page.WaitForFunctionAsync("title => document.activeElement?.textContent === title", title);
        }
    }

    [Fact]
    public async Task Many_are_selected_and_changed_and_deleted_together()
    {
        var server = await StartServerAsync();
        await ManyTitles.AddAsync(server, 6);
        await OpenAsync("/", server);
        await At("select").Nth(0).CheckAsync();
        await At("select").Nth(2).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Assertions.Expect(At("selected-count")).ToHaveTextAsync("3 selected");

        await At("expire-selected").ClickAsync();
        await Page.GetByLabel("In a day").CheckAsync();
        await At("expiry-set").ClickAsync();
        await Assertions.Expect(At("expiry")).ToHaveCountAsync(3);
        await Assertions.Expect(At("selection")).ToHaveCountAsync(0);

        await At("select").Nth(0).CheckAsync();
        await At("select").Nth(1).CheckAsync();
        await At("delete-selected").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Delete 2 titles?");
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(4);
        await Assertions.Expect(At("found")).ToHaveTextAsync("4 titles");
        (await server.Assets.ListAsync(null, 10, TestContext.Current.CancellationToken)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task What_was_not_deleted_is_told_and_stays()
    {
        Guard.Expect("status of 500");
        var server = await StartServerAsync();
        await ManyTitles.AddAsync(server, 3);
        await OpenAsync("/", server);
        await Page.RouteAsync("**/api/v1/media/*", route => route.Request.Method == "DELETE" ? route.FulfillAsync(new() { Status = 500, Body = "{}" }) : route.ContinueAsync());
        await At("select").Nth(0).CheckAsync();
        await At("select").Nth(1).CheckAsync();
        await At("delete-selected").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("action-failed")).ToContainTextAsync("2 titles were not deleted.");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_picture_shows_what_is_under_the_pointer()
    {
        var server = await StartEncodingServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Showcase);
        await OpenAsync("/", server);
        await Assertions.Expect(At("poster")).ToBeVisibleAsync();
        (await Eventually.Holds(async () => (await server.Http.GetStringAsync("/api/v1/media")).Contains("\"hasStoryboard\":true", StringComparison.Ordinal))).ShouldBeTrue();
        await Page.ReloadAsync();
        await Assertions.Expect(At("poster")).ToBeVisibleAsync();

        await At("picture").HoverAsync(new() { Position = new() { X = 60, Y = 60 } });
        await Assertions.Expect(At("preview")).ToBeVisibleAsync();
        var first = await At("preview").Locator("svg").GetAttributeAsync("viewBox");
        await At("picture").HoverAsync(new() { Position = new() { X = 250, Y = 60 } });
        await Assertions.Expect(At("preview").Locator("svg")).Not.ToHaveAttributeAsync("viewBox", first!);
        await At("search").HoverAsync();
        await Assertions.Expect(At("preview")).ToHaveCountAsync(0);
        Guard.Requests.Count(path => path.EndsWith("storyboard.vtt", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>To the end of what is loaded, again and again: more comes, and no more is in the document.</summary>
    /// <returns>How long the page worked for that, whatever else the machine did meanwhile.</returns>
    private async Task<TimeSpan> ScrollAsync()
    {
        var session = await Context.NewCDPSessionAsync(Page);
        await session.SendAsync("Performance.enable");
        var begun = await WorkedAsync();
        for (var turn = 0; turn < 12; turn++)
        {
            var before = await Page.EvaluateAsync<int>("() => document.documentElement.scrollHeight");
            await Page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
            await Page.WaitForFunctionAsync("before => document.documentElement.scrollHeight > before + 200", before);
        }

        return await WorkedAsync() - begun;

        async Task<TimeSpan> WorkedAsync()
        {
            var metrics = (await session.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics");
            return TimeSpan.FromSeconds(metrics.EnumerateArray().Single(metric => metric.Text("name") == "TaskDuration").GetProperty("value").GetDouble());
        }
    }
}
