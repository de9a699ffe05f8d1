using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>A magnet link that is pasted plays out of a real swarm, anywhere, with hardly anything downloaded; and without peers the page says so.</summary>
public sealed class SwarmPageTests(BrowserSuite suite, MatroskaSwarm swarm, ITestOutputHelper output) : BrowserTest(suite), IClassFixture<MatroskaSwarm>
{
    /// <summary>Longest wait for a picture.</summary>
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_magnet_link_plays_at_once_and_anywhere_and_says_when_nobody_is_there()
    {
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Outbound.Allow = ["127.0.0.0/8"]);
        await OpenAsync("/sessions", server);
        await At("session-url").FillAsync(swarm.Torrent.Magnet(swarm.Tracker));
        var watch = Stopwatch.StartNew();
        await Page.Keyboard.PressAsync("Enter");
        var player = new Player(Page, "hls");
        await player.UntilAsync("video.readyState >= 2 && video.videoWidth === 320");
        watch.Elapsed.ShouldBeLessThan(Bar, "what is in it had to be asked for first");
        output.WriteLine($"first picture after {watch.Elapsed.TotalSeconds:F1} s, {await FetchedAsync(server)} bytes of {swarm.Bytes}");
        (await FetchedAsync(server)).ShouldBeLessThan(swarm.Bytes * 15 / 100);
        await player.PlaysOnAsync();
        await Assertions.Expect(At("torrent")).ToContainTextAsync("1 peer");

        watch.Restart();
        var there = await player.DurationAsync() * 0.8;
        await player.SeekAsync(there);
        await player.UntilAsync($"!video.seeking && !video.paused && video.readyState >= 3 && video.currentTime > {there + 0.2:F1}");
        watch.Elapsed.ShouldBeLessThan(Bar);
        output.WriteLine($"plays at 80 % after {watch.Elapsed.TotalSeconds:F1} s, {await FetchedAsync(server)} bytes");

        Guard.Expect("status of 503"); // What does not come is asked for again.
        await swarm.UnseedAsync();
        await player.SeekAsync(there / 2);
        await Assertions.Expect(At("torrent-state")).ToContainTextAsync("Waiting for peers");
        await swarm.SeedAsync();
        await player.UntilAsync($"!video.seeking && video.readyState >= 3 && video.currentTime < {there}");
        await Assertions.Expect(At("torrent-state")).ToContainTextAsync("% here");
    }

    [Theory]
    [InlineData("hls")]
    [InlineData("dash")]
    public async Task When_peers_come_back_after_minutes_the_picture_goes_on_without_a_click(string kind)
    {
        // A player gives up after a minute; this one's minutes are over when the test says so.
        await Page.AddInitScriptAsync(
            "const now = performance.now.bind(performance); let ahead = 0; performance.now = () => now() + ahead; globalThis.pass = ms => { ahead += ms; };");
        var server = await StartServerAsync(
            configure: builder => builder.Services.AddSingleton(TimeProvider.System),
            options: options => options.Outbound.Allow = ["127.0.0.0/8"]);
        await OpenAsync("/sessions", server);
        await At("session-url").FillAsync(swarm.Torrent.Magnet(swarm.Tracker));
        await Page.Keyboard.PressAsync("Enter");
        var player = new Player(Page, "hls");
        await player.UntilAsync("video.readyState >= 2");
        if (kind == "dash")
        {
            player = await new Player(Page, "dash").ChosenAsync();
        }

        await player.PlayAsync();
        await player.PlaysOnAsync();
        var there = await player.DurationAsync() * 0.5;

        Guard.Expect("status of 503");
        await swarm.UnseedAsync();
        try
        {
            await player.SeekAsync(there);
            await Assertions.Expect(At("encoding-part")).ToContainTextAsync("Waiting for peers");
            await Page.EvaluateAsync("pass(61_000)");
            await Assertions.Expect(At("playback-error")).ToHaveAttributeAsync("data-code", "source-pending");
        }
        finally
        {
            await swarm.SeedAsync();
        }

        await player.UntilAsync($"!video.seeking && !video.paused && video.currentTime > {there + 0.2:F1}");
        await Assertions.Expect(At("playback-error")).ToHaveCountAsync(0);
        await player.PlaysOnAsync();
    }

    private static async Task<long> FetchedAsync(SluiceServer server)
    {
        using var list = await server.Http.GetAsync("/api/v1/sessions");
        return (await list.JsonAsync()).GetProperty("items")[0].GetProperty("fetchedBytes").GetInt64();
    }
}
