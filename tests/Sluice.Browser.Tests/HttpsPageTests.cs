using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The page of a channel over https: everything that it loads comes by HTTP/2.</summary>
public sealed class HttpsPageTests(BrowserSuite suite, LiveSegments segments) : BrowserTest(suite), IClassFixture<LiveSegments>
{
    protected override BrowserNewContextOptions Options => new(base.Options) { IgnoreHTTPSErrors = true };

    [Fact]
    public async Task A_channel_plays_over_http_2()
    {
        using var certificate = new TestCertificate();
        await using var server = await ChannelServer.StartAsync(
            segments, configure: options => (options.Server.Certificate, options.Server.Key) = (certificate.CertificateFile, certificate.KeyFile));
        server.Set("film", "live/film.m3u8");
        Guard.Trust(server.Http.BaseAddress!);

        await OpenAsync("/channels/film", server.Server);
        var player = new Player(Page, "player-live");
        await player.UntilAsync("video.currentTime > 1");
        await player.ShouldHavePicturesAsync(320, 180);

        var protocols = await Page.EvaluateAsync<string[]>(
            "() => [...new Set(performance.getEntriesByType('resource').filter(e => e.name.includes('/live/film')).map(e => e.nextHopProtocol))]");
        protocols.ShouldBe(["h2"]);
    }
}
