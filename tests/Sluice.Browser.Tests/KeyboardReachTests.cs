using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>On every page each control is reached by the tabulator and shows that it has the focus, and the way comes around.</summary>
public sealed class KeyboardReachTests(BrowserSuite suite, SharedLiveOrigin live) : SessionPageTest(suite), IClassFixture<SharedLiveOrigin>
{
    private KeyboardWalk Keys => new(Page);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
    }

    [Fact]
    public async Task Library_upload_watch_and_embed()
    {
        var server = await StartServerAsync();
        await OpenAsync("/", server);
        await Assertions.Expect(Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("choose-files");
        var film = await Suite.PublishAsync(server, MediaFiles.Film);
        await Suite.PublishAsync(server, MediaFiles.ProRes);
        await OpenAsync("/", server);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(2);
        await At("select").First.PressAsync("Space");
        await Assertions.Expect(At("selection")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("clear-selection");

        await OpenAsync("/upload", server);
        await At("file-input").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Tone));
        await Assertions.Expect(At("upload-item")).ToHaveAttributeAsync("data-state", "done");
        (await Keys.ShouldReachAllAsync()).ShouldContain("watch-now");

        await OpenAsync($"/watch/{film.Text("id")}", server);
        await ShouldReachPlayerAsync("mode-both");
        await At("mode-both").PressAsync("Enter");
        await new Player(Page, "dash").ReadyAsync();
        await ShouldReachPlayerAsync("mode-both");
        await At("player-gear").First.PressAsync("Enter");
        await Assertions.Expect(At("quality-select")).ToBeFocusedAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("statistics-toggle");

        await OpenAsync($"/embed/{film.Text("id")}?token={film.GetProperty("playback").Text("token")}", server);
        await ShouldReachPlayerAsync("player-fullscreen");
    }

    [Fact]
    public async Task Channels_and_sessions()
    {
        await OpenAsync("/channels", Server);
        await Assertions.Expect(At("channel-form")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("channel-save");
        await At("channel-url").FillAsync(live.Url);
        await At("channel-save").PressAsync("Enter");
        await Assertions.Expect(At("channel-link")).ToBeFocusedAsync();
        await At("channel-details").PressAsync("Enter");
        (await Keys.ShouldReachAllAsync()).ShouldContain("channel-switch");
        await At("channel-link").PressAsync("Enter");
        await new Player(Page, "player-live").UntilAsync("video.currentTime > 1");
        (await Keys.ShouldReachAllAsync()).ShouldContain("player-live");

        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-url")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("session-url");
        await OpenSessionAsync(Origin.Url);
        await Assertions.Expect(At("room-member")).ToHaveCountAsync(1);
        await ShouldReachPlayerAsync("room-say");
        await OpenAsync("/sessions", Server);
        await Assertions.Expect(At("session-item")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("session-end");
    }

    [Fact]
    public async Task Every_part_of_the_admin_page_and_the_login()
    {
        var server = await StartServerAsync();
        var media = await Suite.PublishAsync(server, MediaFiles.ProRes);
        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{media.Text("id")}/prepare"); // A job that fails.
        foreach (var (tab, there) in ((string, string)[])[("overview", "room-left"), ("jobs", "job-item"), ("checks", "check"), ("settings", "setting"), ("audit", "audit-entry")])
        {
            await OpenAsync("/admin#" + tab, server);
            await Page.ReloadAsync();
            await Assertions.Expect(At(there).First).ToBeVisibleAsync();
            (await Keys.ShouldReachAllAsync()).ShouldContain("tab-" + tab);
        }

        Guard.Expect("status of 401");
        var guarded = await StartServerAsync(guarded: true);
        await OpenAsync("/admin", guarded);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("key");
    }

    [Fact]
    public async Task What_is_published()
    {
        await using var node = await KvNode.StartAsync();
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options =>
            {
                node.Configure(options);
                options.Publish.Targets = new Dictionary<string, string> { ["kv"] = "pipekv://" + node.Url.Authority };
            });
        var id = (await Suite.PublishAsync(server, MediaFiles.Film)).Text("id");
        using var asked = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", json: """{"target": "kv"}""");
        asked.EnsureSuccessStatusCode();
        await OpenAsync("/published", server);
        await Assertions.Expect(At("published-item")).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain("published-item");
        await Keys.PressAsync("published-item");
        await Page.WaitForURLAsync("**/published?name=*");
        await ShouldReachPlayerAsync("published-item");
    }

    /// <summary>As soon as the player has its controls.</summary>
    private async Task ShouldReachPlayerAsync(string alsoThere)
    {
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("player-play").First).ToBeVisibleAsync();
        (await Keys.ShouldReachAllAsync()).ShouldContain(alsoThere);
    }
}
