using System.Text;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// What each page is for, done with the keyboard alone, from the top of the page; that the rest can be reached: <see cref="KeyboardReachTests"/>.
/// Channels: <see cref="ChannelPageTests"/>; many titles, and links: <see cref="KeyboardManyTests"/>.
/// </summary>
public sealed class KeyboardTests(BrowserSuite suite) : SessionPageTest(suite)
{
    private KeyboardWalk Keys => new(Page);

    [Fact]
    public async Task An_operator_logs_in_searches_opens_and_plays()
    {
        Guard.Expect("status of 401");
        var server = await StartServerAsync(guarded: true);
        await Suite.PublishAsync(server, MediaFiles.Film, bearer: server.NewOperatorKey);
        await Suite.PublishAsync(server, MediaFiles.Tone, bearer: server.NewOperatorKey);
        await OpenAsync("/", server);
        await Keys.ToAsync("key");
        await Page.Keyboard.TypeAsync(server.NewOperatorKey!);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(2);

        await Page.Keyboard.PressAsync("/");
        await Page.Keyboard.TypeAsync("film");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await Keys.PressAsync("watch-link");
        await Page.WaitForURLAsync("**/watch/*");
        var player = new Player(Page, "hls");
        await player.ReadyAsync();
        await Keys.PressAsync("player-play", "Space");
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task A_player_is_steered_and_its_settings_give_the_focus_back()
    {
        var server = await StartServerAsync();
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes("1\n00:00:01,000 --> 00:00:30,000\nAt one\n")), "subtitles", "a.srt" },
            { new StringContent("en"), "language" },
        };
        using var added = await server.Http.PostAsync($"/api/v1/media/{film.Text("id")}/subtitles", form);
        added.EnsureSuccessStatusCode();
        await OpenAsync($"/watch/{film.Text("id")}", server);
        var player = new Player(Page, "hls");
        await player.UntilAsync("[...video.textTracks].some(track => track.kind === 'subtitles')");
        await player.ReadyAsync();
        await Keys.ToAsync("player-seek");
        await Page.Keyboard.PressAsync("End");
        await player.UntilAsync("video.currentTime > video.duration - 5");

        await Keys.PressAsync("player-gear");
        await Assertions.Expect(At("quality-select")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(At("quality-select")).Not.ToHaveValueAsync("auto");
        await Keys.ToAsync("subtitle-select");
        await Page.Keyboard.PressAsync("ArrowDown");
        await player.UntilAsync("[...video.textTracks].some(track => track.kind === 'subtitles' && track.mode === 'showing')");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("player-settings")).ToHaveCountAsync(0);
        await Assertions.Expect(At("player-gear")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Titles_are_selected_and_deleted_and_the_focus_goes_on_beside_them()
    {
        var server = await StartServerAsync();
        await Suite.PublishAsync(server, MediaFiles.Film);
        await Suite.PublishAsync(server, MediaFiles.Tone);
        await OpenAsync("/", server);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(2);
        await Keys.PressAsync("select", "Space");
        await Assertions.Expect(At("selected-count")).ToHaveTextAsync("1 selected");
        await Keys.PressAsync("delete-selected");
        await Keys.PressAsync("confirm-yes");
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        await Assertions.Expect(At("watch-link")).ToBeFocusedAsync();

        await Keys.PressAsync("delete");
        await Keys.PressAsync("confirm-yes");
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
        await Assertions.Expect(At("choose-files")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_file_is_chosen_uploaded_and_watched()
    {
        var server = await StartServerAsync();
        Page.FileChooser += static (_, _) => { }; // From now on: what is asked for with the press may come after its dialog.
        await OpenAsync("/upload", server);
        await Keys.ToAsync("choose-files");
        var chooser = await Page.RunAndWaitForFileChooserAsync(() => Page.Keyboard.PressAsync("Enter"));
        chooser.IsMultiple.ShouldBeTrue();
        await chooser.SetFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        await Keys.PressAsync("watch-now");
        await Page.WaitForURLAsync("**/watch/*");
        await new Player(Page, "hls").ReadyAsync();
    }

    [Fact]
    public async Task A_session_is_begun_joined_talked_in_and_ended()
    {
        await OpenAsync("/sessions", Server);
        await Keys.ToAsync("session-url");
        await Page.Keyboard.TypeAsync(Origin.Url);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/sessions/*");
        await new Player(Page, "hls").ReadyAsync();
        var friend = await Context.NewPageAsync();
        await friend.GotoAsync(Page.Url);
        await Assertions.Expect(friend.GetByTestId("room-member")).ToHaveCountAsync(2);
        await new KeyboardWalk(friend).ToAsync("room-say");
        await friend.Keyboard.TypeAsync("Hello");
        await friend.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("room-line")).ToContainTextAsync("Hello");
        await friend.CloseAsync();

        Guard.Expect("status of 40"); // What the page asks for from here on is refused.
        Guard.Expect("net::ERR_");
        Guard.Expect("WebSocket");
        await Keys.PressAsync("session-end");
        await Keys.PressAsync("confirm-yes");
        await Assertions.Expect(At("session-over")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_parts_of_the_admin_page_are_walked_through_and_a_job_is_tried_again()
    {
        var held = new HeldWork();
        await using var work = new WorkServer(await StartServerAsync(configure: WorkServer.With(held)), held);
        var job = await work.BeginAsync(await Suite.PublishAsync(work.Server, MediaFiles.Tone));
        await work.EndAsync(job, TaskResult.Failed("The file ends in the middle.", mayRetry: false));
        await work.UntilAsync(job, JobState.Failed);
        await OpenAsync("/admin", work.Server);
        await Keys.ToAsync("tab-overview");
        foreach (var tab in (string[])["jobs", "checks", "settings", "audit", "overview"])
        {
            await Page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(At("tab-" + tab)).ToBeFocusedAsync();
            await Assertions.Expect(At("tab-" + tab)).ToHaveAttributeAsync("aria-selected", "true");
        }

        await Page.Keyboard.PressAsync("ArrowRight");
        await Keys.PressAsync("job-retry");
        await work.UntilAsync(job, JobState.Running);
        await work.EndAsync(job, TaskResult.Done);
    }
}
