using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Channels in the browser: added, tested, changed, watched, turned off, deleted.</summary>
public sealed class ChannelPageTests(BrowserSuite suite, SharedLiveOrigin origin) : BrowserTest(suite), IClassFixture<SharedLiveOrigin>
{
    private SluiceServer _server = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await StartImportingServerAsync();
    }

    [Fact]
    public async Task A_channel_is_added_tested_and_watched_without_a_mouse()
    {
        await OpenAsync("/channels", _server);
        await Assertions.Expect(Page.GetByText("No channels yet")).ToBeVisibleAsync();
        await Assertions.Expect(At("channel-url")).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync(origin.Url);
        await Assertions.Expect(At("channel-name")).ToHaveValueAsync("news-24");

        await At("channel-test").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("test-result")).ToContainTextAsync("It plays.");
        await Assertions.Expect(At("test-result")).ToContainTextAsync("MPEG-TS");
        await Assertions.Expect(At("test-variants").Locator("li")).ToHaveCountAsync(2);
        await Assertions.Expect(At("test-variants").Locator("[data-chosen=true]")).ToContainTextAsync("320×180");

        await At("channel-title").FocusAsync();
        await Page.Keyboard.TypeAsync("News <b onmouseover=alert(1)>24");
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(At("channel-item")).ToHaveAttributeAsync("data-state", "idle");
        await Assertions.Expect(At("channel-link")).ToHaveTextAsync("News <b onmouseover=alert(1)>24");
        await Assertions.Expect(At("channel-link")).ToBeFocusedAsync();

        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync("**/channels/news-24");
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 1");
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);
        await Assertions.Expect(At("live-edge")).ToHaveTextAsync("Live");
        await Assertions.Expect(At("channel-state")).ToHaveTextAsync("Live");
        await Assertions.Expect(At("channel-viewers")).ToHaveTextAsync("1 viewer");
        foreach (var chart in (string[])["chart-bitrate", "chart-latency", "chart-depth", "chart-viewers"])
        {
            await Assertions.Expect(At(chart).Locator("canvas")).ToBeVisibleAsync();
        }

        await Assertions.Expect(At("chart-bitrate")).ToContainTextAsync(new Regex(@"in \d+ kb/s", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Assertions.Expect(At("status-upstream")).ToContainTextAsync("320×180");
        await Assertions.Expect(At("status-upstream")).Not.ToContainTextAsync("s3cret");
        await Assertions.Expect(At("counters").Locator("[data-counter=starts]")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task A_viewer_who_stayed_behind_goes_to_the_live_edge()
    {
        await AddAsync();
        await OpenAsync("/channels/news", _server);
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 1");
        await player.PauseAsync();
        await Assertions.Expect(At("live-edge")).ToHaveTextAsync("Go to live");
        await At("live-edge").ClickAsync();
        await Assertions.Expect(At("live-edge")).ToHaveTextAsync("Live");
        await player.PlaysOnAsync();
    }

    [Fact]
    public async Task The_list_tells_how_a_channel_does_and_changes_it()
    {
        await AddAsync();
        using var viewer = await _server.Http.GetAsync("/live/news", HttpCompletionOption.ResponseHeadersRead);
        viewer.EnsureSuccessStatusCode();
        await OpenAsync("/channels", _server);
        await Assertions.Expect(At("channel-item")).ToHaveAttributeAsync("data-state", "live");
        await Assertions.Expect(At("channel-viewers")).ToHaveTextAsync("1 viewer");
        await Assertions.Expect(At("channel-spark").Locator("canvas")).ToBeVisibleAsync();
        await At("channel-details").ClickAsync();
        await Assertions.Expect(At("channel-chart").Locator("canvas")).ToBeVisibleAsync();

        await At("channel-edit").ClickAsync();
        await Assertions.Expect(At("channel-url")).ToHaveValueAsync(new Regex(@"/master\.m3u8\?…$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await At("channel-title").FillAsync("The news");
        await At("channel-save").ClickAsync();
        await Assertions.Expect(At("channel-link")).ToHaveTextAsync("The news");
        await Assertions.Expect(At("channel-item")).ToHaveAttributeAsync("data-state", "live");

        await At("channel-switch").ClickAsync();
        await Assertions.Expect(At("channel-item")).ToHaveAttributeAsync("data-state", "off");
        await Page.ReloadAsync();
        await Assertions.Expect(At("channel-switch")).ToHaveTextAsync("Turn on");
        await At("channel-switch").ClickAsync();
        await Assertions.Expect(At("channel-item")).ToHaveAttributeAsync("data-state", "idle");

        await At("channel-details").ClickAsync();
        await At("channel-delete").ClickAsync();
        await Assertions.Expect(At("confirm")).ToContainTextAsync("Delete “The news”?");
        await Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(At("channel-item")).ToHaveCountAsync(1);
        await At("channel-delete").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(Page.GetByText("No channels yet")).ToBeVisibleAsync();
        (await ChannelsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_edit_keeps_the_secrets_that_are_not_shown()
    {
        await AddAsync();
        await OpenAsync("/channels", _server);
        await At("channel-details").ClickAsync();
        await At("channel-edit").ClickAsync();
        await At("channel-backups").FillAsync("https://backup.example/news.m3u8");
        await At("channel-test").ClickAsync();
        await Assertions.Expect(At("test-result")).ToHaveAttributeAsync("data-ok", "true");
        await At("channel-save").ClickAsync();
        await Assertions.Expect(At("channel-form")).ToHaveCountAsync(0);

        await OpenAsync("/channels/news", _server);
        await new Player(Page, "player-live").UntilAsync("video.currentTime > 1");
    }

    [Fact]
    public async Task What_is_wrong_with_a_form_is_said_beside_its_fields()
    {
        await AddAsync();
        await OpenAsync("/channels", _server);
        await At("add-channel").ClickAsync();
        await At("channel-save").ClickAsync();
        await Assertions.Expect(At("channel-url")).ToBeFocusedAsync();
        await Assertions.Expect(At("channel-url")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(Page.GetByText("Give the address of a stream.")).ToBeVisibleAsync();

        await At("channel-url").FillAsync("https://host.example/live.m3u8");
        await At("channel-name").FillAsync("news");
        await At("channel-save").ClickAsync();
        await Assertions.Expect(Page.GetByText("There is a channel of that name already.")).ToBeVisibleAsync();
        await Assertions.Expect(At("channel-name")).ToBeFocusedAsync();

        await At("channel-url").FillAsync("http://127.0.0.1:9/none.m3u8");
        await At("channel-test").ClickAsync();
        await Assertions.Expect(At("test-result")).ToContainTextAsync("It does not play.");
        await At("channel-cancel").ClickAsync();
        await Assertions.Expect(At("channel-form")).ToHaveCountAsync(0);
        await Assertions.Expect(At("add-channel")).ToBeFocusedAsync();
        (await ChannelsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_channel_is_recorded_into_the_library()
    {
        var keeping = await StartImportingServerAsync(isRepackaging: true);
        await AddAsync(server: keeping);
        await OpenAsync("/channels/news", keeping);
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 1");
        await At("record-button").ClickAsync();
        await Assertions.Expect(At("record")).ToHaveAttributeAsync("data-recording", "true");
        await player.PlaysOnAsync();
        await player.PlaysOnAsync();
        await At("record-button").ClickAsync();
        await At("record-watch").ClickAsync();
        await Page.WaitForURLAsync("**/watch/*");
        await new Player(Page, "hls").ReadyAsync();
    }

    [Fact]
    public async Task What_cannot_be_watched_says_why()
    {
        Guard.Expect("status of 404");
        Guard.Expect("status of 502");
        await OpenAsync("/channels/none", _server);
        await Assertions.Expect(At("channel-failed")).ToContainTextAsync("There is no such channel.");

        await AddAsync("http://127.0.0.1:9/none.m3u8");
        await OpenAsync("/channels/news", _server);
        await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "upstream-unusable");
        await Assertions.Expect(At("playback-error")).ToContainTextAsync("It is tried again by itself.");
    }

    [Fact]
    public async Task A_guest_with_a_link_watches_and_is_shown_nothing_else()
    {
        var guarded = await StartImportingServerAsync(guarded: true);
        var playback = (await AddAsync(origin.Url, guarded)).GetProperty("playback");
        await OpenAsync(playback.GetProperty("watch").GetString()!, guarded);
        await new Player(Page, "player-live").UntilAsync("video.currentTime > 1");
        await Assertions.Expect(At("status-panel")).ToHaveCountAsync(0);
        await Assertions.Expect(At("record")).ToHaveCountAsync(0);
        await Assertions.Expect(At("to-channels")).ToHaveCountAsync(0);

        Guard.Expect("status of 401");
        Guard.Expect("status of 403");
        await OpenAsync("/channels/news", guarded);
        await Assertions.Expect(At("key-form")).ToBeVisibleAsync();
        await Page.GetByLabel("Operator key").FillAsync(guarded.NewOperatorKey!);
        await Page.Keyboard.PressAsync("Enter");
        await new Player(Page, "player-live").UntilAsync("video.currentTime > 1");
        await Assertions.Expect(At("status-panel")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_phone_shows_all_of_ten_channels()
    {
        for (var number = 0; number < 10; number++)
        {
            await AddAsync($"https://host.example/a-rather-long-path-to-a-stream-{number}.m3u8", name: $"a-channel-with-a-long-name-{number}");
        }

        await Page.SetViewportSizeAsync(390, 844);
        await OpenAsync("/channels", _server);
        await Assertions.Expect(At("channel-item")).ToHaveCountAsync(10);
        await At("channel-details").First.ClickAsync();
        await At("add-channel").ClickAsync();
        await At("channel-advanced").ClickAsync();
        await Assertions.Expect(At("channel-agent")).ToBeVisibleAsync();
        (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
    }

    private async Task<JsonElement> AddAsync(string? url = null, SluiceServer? server = null, string name = "news")
    {
        using var response = await (server ?? _server).SendAsync(
            HttpMethod.Put,
            $"/api/v1/channels/{name}",
            server?.NewOperatorKey,
            json: JsonSerializer.Serialize(new { urls = (string[])[url ?? origin.Url] }));
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<int> ChannelsAsync() =>
        (await _server.Http.GetFromJsonAsync<JsonElement>("/api/v1/channels")).GetProperty("items").GetArrayLength();
}
