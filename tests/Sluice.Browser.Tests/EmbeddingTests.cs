using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Streams on a page of another site, which the token and CORS allow.</summary>
public sealed class EmbeddingTests(BrowserSuite suite) : BrowserTest(suite)
{
    [Fact]
    public async Task Hls_js_plays_the_transport_stream_of_a_pyhls_upload()
    {
        var answer = await Suite.PublishAsync(Suite.Server, MediaFiles.Film, "/upload/?expiry_minutes=60");
        await PlayElsewhereAsync("hls", answer.GetProperty("playlist_url").GetString()!, 33);
        Guard.Requests.ShouldContain(path => path.EndsWith(".ts", StringComparison.Ordinal));
        Guard.Requests.ShouldNotContain(path => path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task Players_of_another_site_play_the_fragments(string kind)
    {
        var playback = (await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("playback");
        await PlayElsewhereAsync(kind, playback.GetProperty(kind).GetString()!, 33);
        Guard.Requests.ShouldContain(path => path.EndsWith(".m4s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chromium_itself_plays_the_playlist()
    {
        var playback = (await Suite.PublishedAsync(MediaFiles.Film)).GetProperty("playback");
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page("native", playback.GetProperty("hls").GetString()!));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await player.SeekAsync(26);
        await player.PlaysOnAsync();
        (await player.DurationAsync()).ShouldBeInRange(32.9, 33.1);
    }

    private async Task PlayElsewhereAsync(string kind, string stream, double durationSeconds)
    {
        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        await Page.GotoAsync(site.Page(kind, stream));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(640, 360);
        await player.ShouldHoldAllAsync(durationSeconds);
        await player.SeekAsync(durationSeconds * 0.8);
        await player.PlaysOnAsync();
    }
}
