using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What each page is for, done with the keyboard alone, from the top of the page. Channels: <see cref="ChannelPageTests"/>.</summary>
public sealed class KeyboardTests(BrowserSuite suite) : SessionPageTest(suite)
{
    [Fact]
    public async Task An_operator_logs_in_searches_opens_and_plays()
    {
        Guard.Expect("status of 401");
        var server = await StartServerAsync(guarded: true);
        await Suite.PublishAsync(server, MediaFiles.Film, bearer: server.NewOperatorKey);
        await Suite.PublishAsync(server, MediaFiles.Tone, bearer: server.NewOperatorKey);
        await OpenAsync("/", server);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        await TabToAsync("key");
        await Page.Keyboard.TypeAsync(server.NewOperatorKey!);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(2);

        await Page.Keyboard.PressAsync("/");
        await Page.Keyboard.TypeAsync("film");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await TabToAsync("watch-link");
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await player.PauseAsync();
        await Page.Keyboard.PressAsync("k");
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task Titles_are_selected_and_deleted()
    {
        var server = await StartServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Film);
        await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync("/", server);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(2);
        await TabToAsync("select");
        await Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(At("selected-count")).ToHaveTextAsync("1 selected");
        await TabToAsync("delete-selected");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("confirm")).ToBeVisibleAsync();
        await TabToAsync("confirm-yes");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_file_is_uploaded_and_watched()
    {
        var server = await StartServerAsync();
        await OpenAsync("/upload", server);
        await TabToAsync("choose-files");
        // The browser's own dialog is beyond a test; the press comes as far as the field that opens it.
        await At("file-input").EvaluateAsync("field => field.addEventListener('click', event => { event.preventDefault(); field.dataset.asked = 'yes'; })");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("file-input")).ToHaveAttributeAsync("data-asked", "yes");
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await TabToAsync("watch-now");
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/watch/*");
        await new Player(Page, "hls").ReadyAsync();
    }

    [Fact]
    public async Task A_link_is_made_and_the_focus_is_where_it_was()
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        await OpenAsync($"/watch/{film.GetProperty("id")}", server);
        await Assertions.Expect(At("share")).ToBeVisibleAsync();
        await TabToAsync("share");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("share-dialog")).ToBeVisibleAsync();
        await TabToAsync("share-make");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("share-link")).ToBeVisibleAsync();
        await TabToAsync("share-copy");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("share-dialog")).ToHaveCountAsync(0);
        await Assertions.Expect(At("share")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_session_is_begun_talked_in_and_ended()
    {
        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-url")).ToBeVisibleAsync();
        if (!await At("session-url").EvaluateAsync<bool>("field => field === document.activeElement"))
        {
            await TabToAsync("session-url");
        }

        await Page.Keyboard.TypeAsync(Origin.Url);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/sessions/*");
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await TabToAsync("room-say");
        await Page.Keyboard.TypeAsync("Hello");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("room-line")).ToContainTextAsync("Hello");

        Guard.Expect("status of 40"); // What the page asks for from here on is refused.
        Guard.Expect("net::ERR_");
        Guard.Expect("WebSocket");
        await TabToAsync("session-end");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("confirm")).ToBeVisibleAsync();
        await TabToAsync("confirm-yes");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("session-over")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_parts_of_the_admin_page_are_walked_through()
    {
        await OpenAsync("/admin", Server);
        await Assertions.Expect(At("overview")).ToBeVisibleAsync();
        await TabToAsync("tab-overview");
        foreach (var tab in (string[])["jobs", "checks", "settings", "audit", "overview"])
        {
            await Page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(At("tab-" + tab)).ToBeFocusedAsync();
            await Assertions.Expect(At("tab-" + tab)).ToHaveAttributeAsync("aria-selected", "true");
        }

        await Page.Keyboard.PressAsync("ArrowLeft");
        await Page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(At("search-settings")).ToBeVisibleAsync();
        await TabToAsync("search-settings");
        await Page.Keyboard.TypeAsync("tokenMinutes");
        await Assertions.Expect(At("setting")).ToHaveCountAsync(1);
    }

    /// <summary>Goes on by the tabulator until it is there; in a page of few controls it comes around.</summary>
    private async Task TabToAsync(string testId)
    {
        for (var step = 0; step < 60; step++)
        {
            await Page.Keyboard.PressAsync("Tab");
            if (await Page.EvaluateAsync<string?>("() => document.activeElement?.dataset.testid ?? null") == testId)
            {
                return;
            }
        }

        Assert.Fail($"The keyboard does not come by {testId}.");
    }
}
