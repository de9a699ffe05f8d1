using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary><c>buffer</c> is the bound of all that a channel holds, whatever its upstream sends and however that changes: looked at whenever a piece has come.</summary>
public sealed class ChannelBudgetTests(DenseFilms films, LiveSegments segments) : IClassFixture<DenseFilms>, IClassFixture<LiveSegments>
{
    private const long Budget = 2 << 20;

    /// <summary>A piece on its way from one place to the next is in both; picture and sound have one each.</summary>
    private const long Pieces = 2 * ByteFetch.PieceBytes;

    [Theory]
    [InlineData("tboth.m3u8")]
    [InlineData("both.m3u8")]
    [InlineData("apart.m3u8")]
    [InlineData("tapart.m3u8")]
    [InlineData("packed.m3u8")]
    [InlineData("mixed.m3u8")]
    [InlineData("tboth.m3u8", "both.m3u8")]
    [InlineData("both.m3u8", "tboth.m3u8")]
    [InlineData("apart.m3u8", "packed.m3u8", "apart.m3u8")]
    [InlineData("both.m3u8", "apart.m3u8", "tboth.m3u8")]
    public async Task All_that_is_held_keeps_to_it(params string[] playlists)
    {
        var (feed, most) = await FollowAsync(Budget, playlists);

        most.ShouldBeLessThanOrEqualTo(Budget + Pieces);
        feed.Memory.HeldBytes.ShouldBeInRange(Budget / 2, Budget, "it is used, too");
        feed.Memory.TakenBytes.ShouldBeLessThan(Budget / 16, "nothing waits any more but init segments");
    }

    [Fact]
    public async Task Behind_a_change_to_a_transport_stream_that_has_all_of_the_memory()
    {
        var (feed, _) = await FollowAsync(Budget, "apart.m3u8", "tboth.m3u8");

        feed.Ts.HeldBytes.ShouldBeGreaterThan(Budget * 5 / 8, "three eighths were its share beside them");
        feed.Tracks.Past.ShouldAllBe(static t => t.Log.HeldBytes == ChunkLog.LeastBytes);
    }

    [Fact]
    public async Task Fragments_that_nobody_is_told_of_take_none()
    {
        var (feed, _) = await FollowAsync(Budget, "mixed.m3u8");

        feed.Tracks.All.ShouldHaveSingleItem().Name.ShouldBe("ts");
        feed.Ts.HeldBytes.ShouldBeGreaterThan(Budget * 3 / 4);
    }

    [Fact]
    public async Task Video_that_has_its_audio_behind_it_in_one_large_fragment_waits_for_nobody()
    {
        films.Read("long0.m4s").Length.ShouldBeGreaterThan(3 << 19);

        var (feed, _, sinks) = await RunAsync(16 << 20, "long.m3u8");

        (sinks.TimesAlone, sinks.LateFrames, feed.Ts.Index.Segments.Any(static s => s.IsDiscontinuity)).ShouldBe((0, 0, false));
        feed.Tracks.All[0].Log.Index.Segments.Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_segment_that_would_fill_the_log_is_several()
    {
        var (fragments, _) = await FollowAsync(4 * Budget, "glued.m3u8");
        var (transport, _) = await FollowAsync(Budget, "tglued.m3u8");

        foreach (var log in new[] { fragments.Tracks.All[0].Log, transport.Ts })
        {
            var whole = log.Index.Segments.Where(s => s.Position >= log.Tail).ToList();
            whole.Count.ShouldBeGreaterThanOrEqualTo(3);
            whole.ShouldAllBe(static s => s.End != null && s.Duration > TimeSpan.Zero && s.Duration.TotalSeconds <= 12);
        }

        fragments.HlsProblem.ShouldBeNull();
    }

    [Fact]
    public async Task A_fragment_that_is_larger_than_the_log_is_said_to_be()
    {
        var (feed, most) = await FollowAsync(Budget, "long.m3u8");

        most.ShouldBeLessThanOrEqualTo(Budget + Pieces);
        feed.HlsProblem.ShouldNotBeNull().ShouldContain("`buffer`");
        feed.Ts.Index.Segments.Length.ShouldBeGreaterThan(0, "the endless body goes on");
    }

    [Fact]
    public async Task Players_are_told_so_at_once_and_so_is_the_operator()
    {
        await using var server = await ChannelServer.StartAsync(segments, speed: 4);
        foreach (var file in new[] { "long.mp4", "long0.m4s" })
        {
            server.Upstream.Files[file] = films.Read(file);
        }

        // Live and without an end: so much comes at once that a viewer may be too late for all of one segment's pictures.
        var asked = 0;
        server.Upstream.Faults["long.m3u8"] = async context =>
        {
            var first = Interlocked.Increment(ref asked);
            var segment = "#EXT-X-DISCONTINUITY\n#EXTINF:6,\nlong0.m4s\n";
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture,
                $"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{first}\n#EXT-X-MAP:URI=\"long.mp4\"\n{segment}{segment}{segment}"));
            return true;
        };
        server.Set(server.Set("long", "long.m3u8") with { BufferBytes = Budget });
        using (await server.Channel("long").VisitAsync(VisitKind.Endless, TestContext.Current.CancellationToken))
        {
            var reason = "";
            (await Eventually.Holds(() => // Each playlist that is loaded anew takes it back for a moment.
            {
                var status = server.Channel("long").Status();
                reason = status.Reason;
                return status is { State: ChannelState.Live, Reason: not null };
            })).ShouldBeTrue();
            reason.ShouldNotBeNull().ShouldContain("`buffer`");
        }

        using var answer = await server.Http.GetAsync("/live/long/index.m3u8", TestContext.Current.CancellationToken);

        ((int)answer.StatusCode).ShouldBe(502);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("larger than its memory");
    }

    [Fact]
    public async Task An_init_segment_that_is_too_large_is_refused()
    {
        var (_, end, _) = await RunAsync(Budget, "large.m3u8");

        end.Reason.ShouldBe("its segments do not come: its init segment is not to be had");
    }

    private async Task<(LiveFeed Feed, long MostHeldBytes)> FollowAsync(long budget, params string[] playlists)
    {
        var (feed, watch) = (Feed(budget), new Watch());
        watch.Memory = feed.Memory;
        using var sinks = new MediaSinks(feed, new FastClock(20));
        foreach (var playlist in playlists)
        {
            (await films.FollowAsync(playlist, feed, sinks, watch)).Reason.ShouldBeNull();
        }

        sinks.Complete();
        return (feed, watch.MostHeldBytes);
    }

    private async Task<(LiveFeed Feed, UpstreamEnd End, MediaSinks Sinks)> RunAsync(long budget, string playlist)
    {
        var feed = Feed(budget);
        var sinks = new MediaSinks(feed, new FastClock(20));
        var end = await films.FollowAsync(playlist, feed, sinks, NoWatch.Instance);
        sinks.Complete();
        return (feed, end, sinks);
    }

    private static LiveFeed Feed(long budget) => new(budget, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(12) };

    private sealed class Watch : IUpstreamWatch
    {
        private long _most;

        public ChannelMemory Memory { get; set; } = null!;

        public long MostHeldBytes => Interlocked.Read(ref _most);

        public void Received(int bytes)
        {
            var held = Memory.HeldBytes;
            for (var most = MostHeldBytes; held > most && Interlocked.CompareExchange(ref _most, held, most) != most; most = MostHeldBytes)
            {
                // Somebody else was quicker.
            }
        }

        public void Following(OutboundUrl playlist, UpstreamShape shape, string? before)
        {
        }

        public void Ended(DownloadResult result)
        {
        }

        public void Counted(TrackerCounts more)
        {
        }
    }
}

/// <summary>Twelve seconds of 3 Mbit/s in all shapes, made by ffmpeg once.</summary>
public sealed class DenseFilms : IDisposable
{
    private const string Pictures = "-f lavfi -i testsrc2=size=480x270:rate=25:duration=12 ";
    private const string Sound = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=12 ";
    private const string Avc = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 -qp 4 ";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-dense-");

    public DenseFilms()
    {
        Make($"{Pictures}{Sound}{Avc}-c:a aac", "both", 2, fragments: true);
        Make($"{Pictures}{Sound}{Avc}-c:a aac", "long", 6, fragments: true);
        Make($"{Pictures}{Sound}{Avc}-c:a aac", "tboth", 2, fragments: false);
        Make($"{Pictures}{Avc}", "v", 2, fragments: true);
        Make($"{Sound}-c:a aac", "a", 2, fragments: true);
        Make($"{Pictures}{Avc}", "tv", 2, fragments: false);
        Make($"{Sound}-c:a aac", "ta", 2, fragments: false);
        for (var n = 0; File.Exists(PathOf(Name("ta", n, ".ts"))); n++)
        {
            Ffmpeg.Make($"-copyts -i {PathOf(Name("ta", n, ".ts"))} -c copy -f adts", PathOf(Name("bare", n, ".aac")));
            File.WriteAllBytes(PathOf(Name("pa", n, ".aac")), [.. Id3(n * 2 * 90_000L), .. File.ReadAllBytes(PathOf(Name("bare", n, ".aac")))]);
        }

        File.WriteAllText(PathOf("pa.m3u8"), File.ReadAllText(PathOf("ta.m3u8")).Replace("ta", "pa", StringComparison.Ordinal).Replace(".ts", ".aac", StringComparison.Ordinal));
        Glue("both", "glued", ".m4s", "#EXT-X-MAP:URI=\"both.mp4\"\n");
        Glue("tboth", "tglued", ".ts", "");
        File.WriteAllText(PathOf("large.m3u8"), File.ReadAllText(PathOf("both.m3u8")).Replace("both.mp4", "large.mp4", StringComparison.Ordinal));
        File.WriteAllBytes(PathOf("large.mp4"), [.. Read("both.mp4"), 0, 1, 0x38, 0x80, .. "free"u8, .. new byte[80_000 - 8]]);
        foreach (var (name, video, audio) in new[] { ("apart", "v", "a"), ("tapart", "tv", "ta"), ("packed", "v", "pa"), ("mixed", "v", "ta") })
        {
            File.WriteAllText(PathOf($"{name}.m3u8"),
                "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"A\",DEFAULT=YES,URI=\"" + audio + ".m3u8\"\n"
                + "#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS=\"avc1.42c00d,mp4a.40.2\",AUDIO=\"g\"\n" + video + ".m3u8\n");
        }
    }

    public byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Follows a playlist to its end, into the same feed as others before it.</summary>
    internal async Task<UpstreamEnd> FollowAsync(string playlist, LiveFeed feed, MediaSinks sinks, IUpstreamWatch watch)
    {
        await using var upstream = await Upstream.StartAsync();
        foreach (var file in _folder.EnumerateFiles())
        {
            upstream.Files[file.Name] = File.ReadAllBytes(file.FullName);
        }

        var follower = new HlsUpstream(upstream.Outbound, new UpstreamManner { Timeout = TimeSpan.FromMinutes(2) }, sinks, new FastClock(20)) { Memory = feed.Memory, Watch = watch };
        return await follower.RunAsync(upstream.Url(playlist), default).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static string Name(string name, int n, string extension) => string.Create(CultureInfo.InvariantCulture, $"{name}{n}{extension}");

    /// <summary>The tag with which packed audio says when it is (RFC 8216 section 3.4): a PRIV frame with 33 bits of time.</summary>
    private static byte[] Id3(long ticks)
    {
        byte[] owner = [.. "com.apple.streaming.transportStreamTimestamp"u8, 0];
        byte[] time = [0, 0, 0, (byte)(ticks >> 32), (byte)(ticks >> 24), (byte)(ticks >> 16), (byte)(ticks >> 8), (byte)ticks];
        var size = owner.Length + time.Length;
        return [.. "ID3"u8, 4, 0, 0, 0, 0, 0, (byte)(size + 10), .. "PRIV"u8, 0, 0, 0, (byte)size, 0, 0, .. owner, .. time];
    }

    private void Make(string arguments, string name, int seconds, bool fragments)
    {
        var kind = fragments ? $"-hls_segment_type fmp4 -hls_fmp4_init_filename {name}.mp4" : "-hls_segment_type mpegts";
        Ffmpeg.Make(
            string.Create(CultureInfo.InvariantCulture, $"{arguments} -f hls -hls_list_size 0 -hls_time {seconds} {kind} -hls_segment_filename"),
            PathOf($"{name}%d.{(fragments ? "m4s" : "ts")}"), PathOf($"{name}.m3u8"));
    }

    private void Glue(string of, string name, string extension, string map)
    {
        File.WriteAllBytes(PathOf(name + extension), [.. Enumerable.Range(0, 6).SelectMany(n => Read(Name(of, n, extension)))]);
        File.WriteAllText(PathOf(name + ".m3u8"), $"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:12\n{map}#EXTINF:12,\n{name}{extension}\n#EXT-X-ENDLIST\n", Encoding.ASCII);
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
