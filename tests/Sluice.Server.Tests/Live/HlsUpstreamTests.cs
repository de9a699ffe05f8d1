using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>An upstream is followed into a log, of which viewers get something that plays.</summary>
public sealed class HlsUpstreamTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private readonly ChunkLog _log = new(64 << 20);

    [Fact]
    public async Task A_film_is_one_stream_that_decodes_without_an_error()
    {
        await using var upstream = await StartAsync();
        upstream.Files["live/index.m3u8"] = List(0, 12, "#EXT-X-ENDLIST");
        upstream.Files["main.m3u8"] = Encoding.UTF8.GetBytes("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlive/index.m3u8?x=1\n");
        var viewing = ViewAsync();

        var (end, sink, _) = await FollowAsync(upstream, "main.m3u8");

        (end.Reason, sink.Whole, sink.Failed).ShouldBe((null, 12, 0));
        var first = _log.Index.Points[0];
        var all = first.Join.ToArray().Concat(_log.Slice(first.Position, _log.Position).ShouldNotBeNull().SelectMany(p => p.ToArray())).ToArray();
        var file = segments.Write("film.ts", all);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        Frames(file).ShouldBe(12 * LiveSegments.Pictures);
        var seen = await viewing;
        all.AsSpan().EndsWith(seen.AsSpan(first.Join.Length)).ShouldBeTrue("a viewer gets the same, from where it came in");
        _log.Index.Points.Length.ShouldBe(12);
        _log.Index.Segments.ShouldAllBe(s => !s.IsDiscontinuity);
    }

    [Fact]
    public async Task A_channel_with_faults_stays_a_stream_and_everyone_who_comes_in_sees_a_picture()
    {
        await using var upstream = await StartAsync();

        // One segment more at every load, then the upstream begins anew; an end that is none, one segment that is missing and one that is cut off.
        var load = 0;
        upstream.Faults["live/index.m3u8"] = async context =>
        {
            var n = load++;
            await context.Response.Body.WriteAsync(n switch
            {
                < 3 => List(n, 3),
                3 => List(3, 3, "#EXT-X-ENDLIST"),
                < 9 => List(n - 1, 3),
                < 11 => List(0, n - 7),
                _ => List(1, 3, "#EXT-X-ENDLIST"),
            });
            return true;
        };
        upstream.Refuse("live/4.ts", 404, int.MaxValue);
        upstream.CutOnce("live/6.ts", (segments.All[6].Length / 2) + 11);
        var cut = upstream.Faults["live/6.ts"];
        upstream.Faults["live/6.ts"] = async context =>
        {
            var done = await cut(context);
            context.Response.StatusCode = done ? context.Response.StatusCode : 403;
            return true;
        };
        var viewing = ViewAsync();

        var (end, sink, tracker) = await FollowAsync(upstream, "live/index.m3u8");

        end.Reason.ShouldBeNull();
        (tracker.Counts.Resets, tracker.Counts.Missed, sink.Failed).ShouldBe((1, 0, 2));
        var stream = await viewing;
        (stream.Length % 188).ShouldBe(0);
        _log.Index.Segments.Where(s => s.IsDiscontinuity).Count().ShouldBe(3, "after the missing one, after the cut one, and where it began anew");
        foreach (var (n, point) in _log.Index.Points.Index())
        {
            // Times jump where the upstream began anew; that is for the player to bear.
            var stretch = _log.Index.Segments.Where(s => s.IsDiscontinuity && s.Position > point.Position)
                .Select(s => s.Position).FirstOrDefault(_log.Position);
            var pieces = _log.Slice(point.Position, stretch).ShouldNotBeNull();
            var file = segments.Write("join.ts", [.. point.Join.Span, .. pieces.SelectMany(p => p.ToArray())]);
            Ffmpeg.Run("-xerror -i", file, "-map", "0:v", "-frames:v", "1", "-f", "null", "-");
            Ffmpeg.Probe("-select_streams v -read_intervals %+#1 -show_entries packet=pts,flags -of csv=p=0", file)[0]
                .ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"{point.PtsTicks},K"), customMessage: $"point {n}");
        }
    }

    [Fact]
    public async Task A_redirect_is_kept_to_until_it_denies_itself()
    {
        await using var upstream = await StartAsync();
        upstream.Files["edge/index.m3u8"] = List(0, 3);
        upstream.Faults["live/index.m3u8"] = context =>
        {
            context.Response.Redirect("/edge/index.m3u8?token=1");
            return Task.FromResult(true);
        };
        var playlist = new UpstreamPlaylist(upstream.Outbound, new UpstreamManner(), upstream.Url("live/index.m3u8"), new());

        (await playlist.LoadAsync(default)).Url.FileName.ShouldBe("index.m3u8");
        await playlist.LoadAsync(default);
        upstream.Asked.ShouldBe(["live/index.m3u8", "edge/index.m3u8", "edge/index.m3u8"]);
        upstream.Refuse("edge/index.m3u8", 403, 1);
        (await playlist.LoadAsync(default)).Playlist.ShouldNotBeNull();
        upstream.Asked.Skip(3).ShouldBe(["edge/index.m3u8", "live/index.m3u8", "edge/index.m3u8"]);
        playlist.GoBack();
        await playlist.LoadAsync(default);
        upstream.Asked.Skip(6).First().ShouldBe("live/index.m3u8");
    }

    [Fact]
    public async Task Secret_headers_stay_with_the_server_that_they_are_for()
    {
        await using var upstream = await StartAsync();
        await using var other = await StartAsync();
        var seen = new List<string>();
        other.Files["live/index.m3u8"] = List(0, 3);
        other.Faults["live/index.m3u8"] = context => Note(context, isAll: false);
        upstream.Faults["live/index.m3u8"] = context =>
        {
            context.Response.Redirect(other.Url("live/index.m3u8").Secret);
            return Note(context, isAll: true);
        };
        var first = upstream.Url("live/index.m3u8");
        var manner = new UpstreamManner
        {
            Headers = [new("authorization", "Bearer s3cret"), new("Cookie", "a=1"), new("Referer", "http://page.example/")],
            Origin = first,
        };
        var playlist = new UpstreamPlaylist(upstream.Outbound, manner, first, new());

        (await playlist.LoadAsync(default)).Playlist.ShouldNotBeNull();
        (await playlist.LoadAsync(default)).Playlist.ShouldNotBeNull();

        seen.ShouldBe(["Bearer s3cret a=1 http://page.example/", "  ", "  http://page.example/"]);
        manner.Request(upstream.Url("live/0.ts"), 1).Headers.ShouldBe(manner.Headers);
        manner.Request(other.Url("live/0.ts"), 1).Headers.Select(h => h.Key).ShouldBe(["Referer"]);

        Task<bool> Note(HttpContext context, bool isAll)
        {
            var headers = context.Request.Headers;
            seen.Add($"{headers.Authorization} {headers.Cookie} {headers.Referer}");
            return Task.FromResult(isAll);
        }
    }

    [Fact]
    public async Task A_playlist_that_is_packed_is_unpacked_within_bounds()
    {
        await using var upstream = await StartAsync();
        upstream.Files["a.m3u8"] = Pack(List(0, 3));
        upstream.Files["bomb.m3u8"] = Pack(new byte[50_000_000]);
        upstream.Files["damaged.m3u8"] = [.. Pack(List(0, 3)).Take(20), 1, 2, 3, 4, 5, 6, 7, 8, 9];

        (await LoadAsync(upstream, "a.m3u8")).Playlist.ShouldNotBeNull();
        (await LoadAsync(upstream, "bomb.m3u8")).Problem.ShouldBe("the playlist has more than 1048576 bytes");
        (await LoadAsync(upstream, "damaged.m3u8")).Problem.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("gone.m3u8", "the playlist is answered with 404")]
    [InlineData("page.html", "line 1: it is no HLS playlist: #EXTM3U is missing")]
    [InlineData("drm.m3u8", "it is encrypted with SAMPLE-AES, not with AES-128")]
    [InlineData("none.m3u8", "the playlist has no variant that can be played")]
    [InlineData("stuck.m3u8", "the playlist has stood still for too long")]
    public async Task What_is_of_no_use_says_why(string path, string reason)
    {
        await using var upstream = await StartAsync();
        upstream.Files["page.html"] = "<html>"u8.ToArray();
        upstream.Files["drm.m3u8"] = List(0, 3, "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"");
        upstream.Files["none.m3u8"] = Encoding.UTF8.GetBytes("#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i\"\n");
        upstream.Files["stuck.m3u8"] = List(0, 3);
        for (var n = 0; n < 3; n++)
        {
            upstream.Files[$"{n}.ts"] = segments.All[n];
        }

        (await FollowAsync(upstream, path)).End.Reason.ShouldBe(reason);
    }

    private static Task<PlaylistLoad> LoadAsync(Upstream upstream, string path) =>
        new UpstreamPlaylist(upstream.Outbound, new UpstreamManner(), upstream.Url(path), new()).LoadAsync(default);

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static int Frames(string file) => Ffmpeg.Probe("-select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0", file)
        .Select(line => int.Parse(line.TrimEnd(','), CultureInfo.InvariantCulture)).First();

    private static byte[] List(int first, int count, string tag = "#") => Encoding.UTF8.GetBytes(
        $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n{tag}\n"
        + string.Concat(Enumerable.Range(first, count).Select(n => $"#EXTINF:1,\n{n}.ts\n")));

    private async Task<Upstream> StartAsync()
    {
        var upstream = await Upstream.StartAsync();
        for (var n = 0; n < segments.All.Count; n++)
        {
            upstream.Files[$"live/{n}.ts"] = segments.All[n];
        }

        return upstream;
    }

    private async Task<(UpstreamEnd End, TsSegmentSink Sink, PlaylistTracker Tracker)> FollowAsync(Upstream upstream, string path)
    {
        var sink = new TsSegmentSink(new TsLogWriter(_log));
        var follower = new HlsUpstream(upstream.Outbound, new UpstreamManner(), new OneSink(sink), new FastClock(5));
        var end = await follower.RunAsync(upstream.Url(path), default).WaitAsync(Eventually.Patience);
        _log.Complete();
        return (end, sink, follower.Tracker);
    }

    private async Task<byte[]> ViewAsync()
    {
        using var viewer = _log.Join(default);
        var all = new MemoryStream();
        while (!viewer.IsOver)
        {
            if (viewer.TryRead(out var bytes))
            {
                all.Write(bytes.Span);
            }
            else
            {
                await viewer.WaitAsync();
            }
        }

        return all.ToArray();
    }
}
