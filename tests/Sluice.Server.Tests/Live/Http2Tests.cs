using System.Net;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>Channels over HTTP/2: many answers on one connection, none of which waits for another.</summary>
public sealed class Http2Tests(LiveSegments segments) : IClassFixture<LiveSegments>, IDisposable
{
    private readonly TestCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task The_endless_body_comes_whole_and_ends_as_a_body_does()
    {
        await using var server = await StartAsync();
        using var http = Client(server);
        // The film goes on when everybody has come: who comes late sees the rest of it, as with any channel.
        var allCame = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var missing = 4;
        server.Upstream.Faults["live/1.ts"] = async _ =>
        {
            await allCame.Task;
            return false;
        };
        server.Set("film", "live/film.m3u8");

        var bodies = await Task.WhenAll(Enumerable.Range(0, missing).Select(async _ =>
        {
            using var response = await http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead);
            if (Interlocked.Decrement(ref missing) == 0)
            {
                allCame.SetResult();
            }

            (response.StatusCode, response.Version, response.Content.Headers.ContentType!.ToString())
                .ShouldBe((HttpStatusCode.OK, HttpVersion.Version20, "video/mp2t"));
            return await response.Content.ReadAsByteArrayAsync();
        })).WaitAsync(Eventually.Patience);

        foreach (var body in bodies)
        {
            TsCheck.Of(body).Problems.ShouldBeEmpty();
            body.Length.ShouldBeGreaterThan(segments.All.Sum(s => s.Length) / 2);
        }

        (await Eventually.Holds(() => server.Channel("film").Status().Viewers.Total == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task Segments_and_playlists_come_beside_a_body_that_nobody_reads()
    {
        await using var server = await StartAsync();
        using var http = Client(server);
        server.Set("film", "live/film.m3u8");
        using var unread = await http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead);

        HlsMediaPlaylist playlist;
        do
        {
            playlist = HlsPlaylistReader.TryRead(await http.GetByteArrayAsync("/live/film/index.m3u8"), out _).ShouldBeOfType<HlsMediaPlaylist>();
            await Task.Delay(20);
        }
        while (!playlist.IsEnded);

        var all = await Task.WhenAll(playlist.Segments.Select(s => http.GetByteArrayAsync($"/live/film/{s.Uri}")));
        all.ShouldAllBe(bytes => TsCheck.Of(bytes).Problems.Count == 0);
        var path = $"/live/film/{playlist.Segments[0].Uri}";
        using var head = await http.SendAsync(Request(HttpMethod.Head, path));
        head.Content.Headers.ContentLength.ShouldBe(all[0].Length);
        var ranged = Request(HttpMethod.Get, path);
        ranged.Headers.TryAddWithoutValidation("Range", "bytes=1000-1999");
        using var part = await http.SendAsync(ranged);
        (part.StatusCode, (await part.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(all[0].AsSpan(1000, 1000))).ShouldBe((HttpStatusCode.PartialContent, true));
    }

    [Fact]
    public async Task Who_hangs_up_is_no_viewer_any_more_though_the_connection_stays()
    {
        await using var server = await StartAsync();
        using var http = Client(server);
        server.Upstream.Files["live/index.m3u8"] = ChannelServer.List(0, 4);
        server.Set("live", "live/index.m3u8");
        var viewer = await http.GetAsync("/live/live", HttpCompletionOption.ResponseHeadersRead);
        using var other = await http.GetAsync("/live/live", HttpCompletionOption.ResponseHeadersRead);
        server.Channel("live").Status().Viewers.ShouldBe(new ViewerCounts(2, 0, 0));

        viewer.Dispose();

        (await Eventually.Holds(() => server.Channel("live").Status().Viewers.Endless == 1)).ShouldBeTrue();
        (await http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>What is sent apart from GET says itself which version it is to be.</summary>
    private static HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private Task<ChannelServer> StartAsync() => ChannelServer.StartAsync(segments, configure: options =>
        (options.Server.Certificate, options.Server.Key) = (_certificate.CertificateFile, _certificate.KeyFile));

    private HttpClient Client(ChannelServer server) => _certificate.Client(server.Http.BaseAddress!, HttpVersion.Version20);
}
