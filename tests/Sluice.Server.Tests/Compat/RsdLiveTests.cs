using System.Net;
using Shouldly;
using Sluice.Server.Tests.Live;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>RSD with a URL that is an HLS playlist: what is live stays live.</summary>
public sealed class RsdLiveTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task A_playlist_is_played_along()
    {
        await using var channels = await ChannelServer.StartAsync(segments);
        using var form = new FormUrlEncodedContent([new("url", channels.Upstream.Url("live/film.m3u8").Secret)]);
        using var started = await channels.Http.PostAsync("/stream/kitchen", form);
        started.StatusCode.ShouldBe(HttpStatusCode.OK, await started.Content.ReadAsStringAsync());

        using var led = await channels.Server.Http.GetAsync("/streams/kitchen/playlist.m3u8");
        var playlist = led.Headers.Location is { } location ? await channels.Server.Http.GetStringAsync(location) : "";

        playlist.ShouldStartWith("#EXTM3U");
        playlist.ShouldContain(".ts");
    }
}
