using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>HEAD says what GET would, as far as that can be said without starting an upstream for it.</summary>
public sealed class ChannelHeadTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Theory]
    [InlineData("/live/film", "video/mp2t")]
    [InlineData("/film", "video/mp2t")]
    [InlineData("/live/film/index.m3u8", "application/vnd.apple.mpegurl")]
    [InlineData("/live/film/ts/index.m3u8", "application/vnd.apple.mpegurl")]
    public async Task Of_a_channel_that_nobody_watches_it_has_the_headers_and_asks_nobody(string path, string type)
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");

        using var response = await HeadAsync(server, path);

        ((int)response.StatusCode, response.Content.Headers.ContentType!.ToString()).ShouldBe((200, type));
        (response.Headers.CacheControl!.NoStore || response.Headers.CacheControl.NoCache).ShouldBeTrue();
        (server.Upstream.Asked.Count, server.Channel("film").Status().State).ShouldBe((0, ChannelState.Idle));
    }

    [Fact]
    public async Task Of_a_channel_that_cannot_be_watched_it_is_refused_as_get_is()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        var gone = server.Set("gone", "live/none.m3u8");
        server.Set(gone, gone with { Name = "off", IsEnabled = false });

        foreach (var path in (string[])["/live/nobody", "/live/off", "/live/off/index.m3u8", "/off"])
        {
            using var get = await server.Http.GetAsync(path);
            await ShouldBeAsync(server, path, (int)get.StatusCode, get.Headers.RetryAfter?.ToString());
            ((int)get.StatusCode).ShouldBeGreaterThanOrEqualTo(400);
        }

        await ShouldBeAsync(server, "/live/gone", 200, null);
        server.Upstream.Asked.ShouldBeEmpty("nobody knows before it is asked for");
        using var failed = await server.Http.GetAsync("/live/gone");
        ((int)failed.StatusCode).ShouldBe(502);
        await ShouldBeAsync(server, "/live/gone", 502, "5");
        await ShouldBeAsync(server, "/live/gone/index.m3u8", 502, "5");
        server.Upstream.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_channel_that_runs_it_has_what_get_has_and_is_no_viewer()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");
        using var viewer = await server.Http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead);
        (await Eventually.Holds(async () => (await server.Http.GetStringAsync("/live/film/index.m3u8")).Contains("#EXT-X-ENDLIST", StringComparison.Ordinal))).ShouldBeTrue();
        var playlist = await server.Http.GetByteArrayAsync("/live/film/index.m3u8");
        var before = server.Channel("film").Status().Viewers.Hls;

        using var request = new HttpRequestMessage(HttpMethod.Head, "/live/film/index.m3u8") { Headers = { { "User-Agent", "another player" } } };
        using var head = await server.Http.SendAsync(request);

        ((int)head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((200, playlist.Length));
        server.Channel("film").Status().Viewers.Hls.ShouldBe(before);
    }

    private static async Task ShouldBeAsync(ChannelServer server, string path, int status, string? retryAfter)
    {
        using var head = await HeadAsync(server, path);
        ((int)head.StatusCode, head.Headers.RetryAfter?.ToString()).ShouldBe((status, retryAfter), path);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    private static async Task<HttpResponseMessage> HeadAsync(ChannelServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        return await server.Http.SendAsync(request);
    }
}
