using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>Live HLS over HTTP (part B, line 15), with our own reader and ffmpeg as players.</summary>
public sealed class LiveHlsTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task A_film_is_listed_whole_and_plays_in_ffmpeg()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");

        // The playlist grows while the film arrives.
        HlsMediaPlaylist playlist;
        do
        {
            playlist = await LoadAsync(server, "/live/film/index.m3u8");
            await Task.Delay(20);
        }
        while (!playlist.IsEnded);

        playlist.Segments.Count.ShouldBe(12);
        playlist.TargetDuration.ShouldBe(TimeSpan.FromSeconds(1));
        playlist.Segments.Sum(s => s.Duration.TotalSeconds).ShouldBe(12, 0.001);
        foreach (var segment in playlist.Segments)
        {
            var bytes = await server.Http.GetByteArrayAsync($"/live/film/{segment.Uri}");
            var check = TsCheck.Of(bytes);
            check.Problems.ShouldBeEmpty(string.Join('\n', check.Problems));
        }

        Ffmpeg.Run("-xerror -i", new Uri(server.Http.BaseAddress!, "/live/film/index.m3u8").AbsoluteUri, "-f", "null", "-");
        var frames = Ffmpeg.Probe("-select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0",
            new Uri(server.Http.BaseAddress!, "/live/film/ts/index.m3u8").AbsoluteUri);
        frames[0].Trim(',').ShouldBe((12 * LiveSegments.Pictures).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_segment_is_a_representation_like_others()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");
        var playlist = await LoadAsync(server, "/live/film/index.m3u8");
        var path = $"/live/film/{playlist.Segments[0].Uri}";

        using var whole = await server.Http.GetAsync(path);
        var bytes = await whole.Content.ReadAsByteArrayAsync();
        (whole.Content.Headers.ContentType!.ToString(), whole.Headers.ETag!.IsWeak).ShouldBe(("video/mp2t", false));
        whole.Headers.CacheControl!.MaxAge!.Value.TotalMinutes.ShouldBeLessThanOrEqualTo(1);
        (whole.Headers.CacheControl.Public, whole.Headers.CacheControl.Private).ShouldBe((true, false), "anyone may have it");
        using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        head.Content.Headers.ContentLength.ShouldBe(bytes.Length);
        using var part = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Range", "bytes=70000-70999" } } });
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[70_000..71_000]);
        using var same = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", whole.Headers.ETag.Tag } } });
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        foreach (var none in new[] { "/live/film/ts/1.ts", "/live/film/ts/99999999999999999999.ts", "/live/film/v/1.m4s", "/live/film/ts/0.mp4", path + "x" })
        {
            using var gone = await server.Http.GetAsync(none);
            (gone.StatusCode, gone.Headers.CacheControl!.NoStore).ShouldBe((HttpStatusCode.NotFound, true), none);
        }
    }

    [Fact]
    public async Task A_player_that_asks_for_the_next_segment_is_answered_when_it_is_there()
    {
        await using var server = await ChannelServer.StartAsync(segments, speed: 4);
        var load = 0;
        server.Set("live", "live/index.m3u8");
        server.Upstream.Faults["live/index.m3u8"] = async context =>
        {
            await context.Response.Body.WriteAsync(ChannelServer.List(Math.Min(9, load++), 3));
            return true;
        };
        var playlist = await LoadAsync(server, "/live/live/ts/index.m3u8");
        var last = playlist.MediaSequence + playlist.Segments.Count - 1;

        var next = await LoadAsync(server, $"/live/live/ts/index.m3u8?_HLS_msn={last + 1}&_HLS_part=0");
        (next.MediaSequence + next.Segments.Count - 1).ShouldBeGreaterThanOrEqualTo(last + 1);
        var now = await LoadAsync(server, $"/live/live/ts/index.m3u8?_HLS_msn={playlist.MediaSequence}");
        now.MediaSequence.ShouldBeGreaterThanOrEqualTo(playlist.MediaSequence);

        foreach (var bad in new[] { $"_HLS_msn={last + 100}", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=", "_HLS_part=0", $"_HLS_msn={last}&_HLS_part=x" })
        {
            using var refused = await server.Http.GetAsync($"/live/live/ts/index.m3u8?{bad}");
            ((int)refused.StatusCode, refused.Headers.CacheControl!.NoStore).ShouldBe((400, true), bad);
        }
    }

    [Fact]
    public async Task Too_few_segments_are_no_playlist_and_one_that_never_comes_is_not_waited_for_forever()
    {
        await using var server = await ChannelServer.StartAsync(segments, speed: 10);
        server.Set("thin", "live/thin.m3u8");
        server.Upstream.Files["live/thin.m3u8"] = ChannelServer.List(0, 2);

        using var warming = await server.Http.GetAsync("/live/thin/index.m3u8");
        warming.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, string.Join((char)10, server.Server.Logs.Lines.Where(l => l.Contains(" Error "))));
        (warming.StatusCode, warming.Headers.RetryAfter!.ToString(), warming.Headers.CacheControl!.NoStore)
            .ShouldBe((HttpStatusCode.ServiceUnavailable, "1", true));

        server.Set("stuck", "live/stuck.m3u8");
        server.Upstream.Files["live/stuck.m3u8"] = ChannelServer.List(0, 3);
        var playlist = await LoadAsync(server, "/live/stuck/ts/index.m3u8");
        using var waited = await server.Http.GetAsync($"/live/stuck/ts/index.m3u8?_HLS_msn={playlist.MediaSequence + 3}");
        waited.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Numbers_never_go_back_and_the_target_never_changes_whatever_the_upstream_does()
    {
        await using var server = await ChannelServer.StartAsync(segments, speed: 8);
        var load = 0;
        server.Set("live", "live/index.m3u8");
        server.Upstream.Faults["live/index.m3u8"] = async context =>
        {
            // Begins anew after six loads, with another target.
            var n = load++;
            await context.Response.Body.WriteAsync(n < 6 ? ChannelServer.List(n, 3) : Retargeted(ChannelServer.List(Math.Min(n - 6, 8), 3)));
            return true;
        };

        var seen = new Dictionary<long, (bool Breaks, long Discontinuity)>();
        HlsMediaPlaylist? before = null;
        for (var n = 0; n < 25 || (n < 1000 && !(seen.Count > 8 && seen.Values.Any(static s => s.Breaks))); n++)
        {
            var playlist = await LoadAsync(server, "/live/live/ts/index.m3u8");
            playlist.TargetDuration.ShouldBe(TimeSpan.FromSeconds(1));
            playlist.MediaSequence.ShouldBeGreaterThanOrEqualTo(before?.MediaSequence ?? 0);
            playlist.DiscontinuitySequence.ShouldBeGreaterThanOrEqualTo(before?.DiscontinuitySequence ?? 0);
            var discontinuity = playlist.DiscontinuitySequence;
            foreach (var (i, segment) in playlist.Segments.Index())
            {
                discontinuity += segment.IsDiscontinuity ? 1 : 0;
                seen.TryAdd(playlist.MediaSequence + i, (segment.IsDiscontinuity, discontinuity));
                seen[playlist.MediaSequence + i].ShouldBe((segment.IsDiscontinuity, discontinuity), "what was said of a segment stays true");
                segment.Duration.ShouldBeLessThan(TimeSpan.FromSeconds(1.5));
            }

            before = playlist;
            await Task.Delay(60);
        }

        seen.Count.ShouldBeGreaterThan(8);
        seen.Values.Count(s => s.Breaks).ShouldBeGreaterThanOrEqualTo(1);
        var started = server.Channel("live").Feed!.First.Segment;
        var now = server.Server.App.Services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
        started.ShouldBeInRange(now - 3600, now, "so that another start begins higher");
    }

    [Fact]
    public async Task A_token_rides_on_in_every_address()
    {
        await using var server = await ChannelServer.StartAsync(segments, guarded: true);
        var film = server.Set("film", "live/film.m3u8");
        server.Set(film with { IsPublic = false });
        var list = await server.Http.GetStringAsync("/channels.m3u");
        list.ShouldBe("#EXTM3U\n", "it is not for everyone");
        using var asked = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/channels.m3u")
        {
            Headers = { { "Authorization", $"Bearer {server.Server.NewOperatorKey}" } },
        });
        list = await asked.Content.ReadAsStringAsync();
        list.ShouldStartWith("#EXTM3U\n#EXTINF:-1 tvg-id=\"film\" tvg-name=\"film\",film\nhttp://127.0.0.1:");
        var query = new Uri(list.Split('\n')[2]).Query;
        query.ShouldStartWith("?token=");

        (await server.Http.GetAsync("/live/film/index.m3u8")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var playlist = await LoadAsync(server, $"/live/film/index.m3u8{query}");
        playlist.Segments.ShouldAllBe(s => s.Uri.EndsWith(query));
        using var named = await server.Http.GetAsync($"/live/film/{playlist.Segments[0].Uri}");
        (named.StatusCode, named.Headers.CacheControl!.Public).ShouldBe((HttpStatusCode.OK, true), "its address has the token");
        using var bare = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/live/film/{playlist.Segments[0].Uri.Split('?')[0]}")
        {
            Headers = { { "Authorization", $"Bearer {query["?token=".Length..]}" } },
        });
        (bare.StatusCode, bare.Headers.CacheControl!.Public, bare.Headers.CacheControl.Private).ShouldBe((HttpStatusCode.OK, false, true), "others share its address");
        (await server.Http.GetAsync($"/live/film/{playlist.Segments[0].Uri.Split('?')[0]}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_list_of_channels_is_for_players()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        var film = server.Set("film", "live/film.m3u8");
        server.Set(film, film with { Name = "news", Title = "News \"24\"\n#EXTM3U" }, film with { Name = "off", IsEnabled = false });

        using var response = await server.Http.GetAsync("/channels.m3u");
        response.Content.Headers.ContentType!.ToString().ShouldBe("audio/x-mpegurl");
        var home = server.Http.BaseAddress!.AbsoluteUri;
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            $"#EXTM3U\n#EXTINF:-1 tvg-id=\"film\" tvg-name=\"film\",film\n{home}live/film\n"
            + $"#EXTINF:-1 tvg-id=\"news\" tvg-name=\"News '24'#EXTM3U\",News \"24\"#EXTM3U\n{home}live/news\n");
    }

    private static byte[] Retargeted(byte[] list) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(list).Replace("DURATION:1", "DURATION:9"));

    private static async Task<HlsMediaPlaylist> LoadAsync(ChannelServer server, string path)
    {
        // As players do, which come back when a channel warms up, on a machine that is busy for a while.
        var response = await server.Http.GetAsync(path);
        (await Eventually.Holds(async () =>
        {
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                response.Dispose();
                response = await server.Http.GetAsync(path);
            }

            return response.StatusCode != HttpStatusCode.ServiceUnavailable;
        })).ShouldBeTrue();
        using var answer = response;
        var bytes = await response.Content.ReadAsByteArrayAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{Encoding.UTF8.GetString(bytes)} {string.Join((char)10, server.Server.Logs.Lines.Where(l => l.Contains(" Error ")))}");
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/vnd.apple.mpegurl");
        response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        return HlsPlaylistReader.TryRead(bytes, out var problem).ShouldBeOfType<HlsMediaPlaylist>(problem?.ToString());
    }
}
