using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The page of a channel while its source goes on, dies, and comes back.</summary>
public sealed class LivePageTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Theory]
    [InlineData("ts", ".ts")]
    [InlineData("fmp4", ".m4s")]
    [InlineData("apart", ".m4s")]
    public async Task It_plays_without_asking_in_vain_and_comes_back_with_its_source(string kind, string extension)
    {
        var server = await StartImportingServerAsync();
        await using var origin = await LiveOrigin.StartAsync(kind);
        using var made = await server.SendAsync(
            HttpMethod.Put, "/api/v1/channels/news", json: JsonSerializer.Serialize(new { urls = origin.Url, timeoutSeconds = 2 }));
        made.EnsureSuccessStatusCode();
        var loads = new ConcurrentQueue<string>();
        Page.Request += (_, request) => loads.Enqueue(request.Url);

        await OpenAsync("/channels/news", server);
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 1");
        await player.ListenAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);
        await player.HearsAsync(440);
        (await Eventually.Holds(() => loads.Any(url => url.Contains("_HLS_msn=", StringComparison.Ordinal)))).ShouldBeTrue("playlists are waited for");
        Guard.Requests.ShouldContain(path => path.StartsWith("/live/news/") && path.EndsWith(extension));
        await Assertions.Expect(At("channel-state")).ToHaveTextAsync("Live");

        Guard.Expect("status of 503");
        Guard.Expect("status of 502");
        origin.IsDown = true;
        await Assertions.Expect(At("channel-state")).ToHaveTextAsync("Trying again");
        await Assertions.Expect(At("channel-reason")).ToContainTextAsync("503");

        origin.IsDown = false;
        await Assertions.Expect(At("channel-state")).ToHaveTextAsync("Live");
        await player.UntilAsync("!video.paused");
        await player.PlaysOnAsync();
        await Assertions.Expect(At("playback-error")).ToHaveCountAsync(0);
        await player.HearsAsync(440);
    }
}
