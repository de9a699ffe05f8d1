using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Access;
using Sluice.Server.Tests.Live;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>hls.js in Chromium plays a channel, on somebody else's page and over an upstream that begins anew.</summary>
public sealed class LiveTests(BrowserSuite suite, LiveSegments segments) : BrowserTest(suite), IClassFixture<LiveSegments>
{
    [Fact]
    public async Task A_channel_plays_on_over_an_upstream_that_begins_anew()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        var load = 0;
        server.Set("live", "live/index.m3u8");
        server.Upstream.Faults["live/index.m3u8"] = async context =>
        {
            // A segment more at each load; at the twelfth it begins again.
            await context.Response.Body.WriteAsync(ChannelServer.List(load++ % 9, 4));
            return true;
        };
        var door = server.Server.App.Services.GetRequiredService<FindChannel>()("live").ShouldNotBeNull();
        var token = server.Server.App.Services.GetRequiredService<PlaybackTokens>().Issue(door).Token;

        await using var site = await ForeignSite.StartAsync();
        Guard.Trust(site.Address);
        Guard.Trust(server.Http.BaseAddress!);
        await Page.GotoAsync(site.Page("hls", $"{server.Http.BaseAddress}live/live/index.m3u8?token={token}"));
        var player = new Player(Page, "elsewhere");
        await player.PlayAsync();
        await player.PlaysOnAsync();
        await player.ShouldHavePicturesAsync(320, 180);

        // Far enough to have crossed the place where it began anew.
        await player.UntilAsync("video.currentTime > 11");
        server.Channel("live").Status().Counters[Sluice.Server.Live.Channels.ChannelCounter.Resets].ShouldBeGreaterThan(0);
    }
}
