using System.Buffers.Binary;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>What segments, keys and variants do to a client: a case for each line of part B that speaks of them, by its number.</summary>
public sealed class SegmentFaultTests : IAsyncLifetime
{
    private const string Index = "live/index.m3u8";

    private FaultOrigin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await FaultOrigin.StartAsync();

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task B06_keys_change_their_vector_is_the_number_of_the_segment_and_formats_are_told_apart()
    {
        byte[][] keys = [RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(16)];
        (_origin.Server.Files["live/k0"], _origin.Server.Files["live/k1"]) = (keys[0], keys[1]);
        for (var n = 0; n < 4; n++)
        {
            var iv = new byte[16];
            BinaryPrimitives.WriteInt64BigEndian(iv.AsSpan(8), n + 10);
            using var aes = Aes.Create();
            aes.Key = keys[n / 2];
            _origin.Server.Files[$"live/{n + 10}.ts"] = aes.EncryptCbc(Bytes(n + 10), iv);
        }

        var text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:10\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k0\"\n#EXTINF:1,\n10.ts\n#EXTINF:1,\n11.ts\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"skd://drm\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\",KEYFORMAT=\"identity\"\n#EXTINF:1,\n12.ts\n#EXTINF:1,\n13.ts\n"
            + "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\n14.ts\n#EXT-X-ENDLIST\n";
        _origin.Script(Index, Text(text));

        var followed = await _origin.FollowAsync();

        for (var n = 10; n < 15; n++)
        {
            followed.Log[$"{n}.ts"].ShouldBe(Bytes(n), $"segment {n}");
        }

        (_origin.Count("live/k0"), _origin.Count("live/k1")).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("METHOD=SAMPLE-AES,URI=\"k\"", "it is encrypted with SAMPLE-AES, not with AES-128")]
    [InlineData("METHOD=AES-128,URI=\"skd://k\",KEYFORMAT=\"com.apple.streamingkeydelivery\"", "its keys come from a DRM system (com.apple.streamingkeydelivery)")]
    public async Task B06_what_cannot_be_decrypted_is_refused_in_words(string key, string reason)
    {
        _origin.Script(Index, List(0, 3, $"#EXT-X-KEY:{key}"));

        var followed = await _origin.FollowAsync();

        (followed.End.Reason, followed.Log.Order).ShouldBe((reason, ""));
    }

    [Fact]
    public async Task B06_a_key_is_fetched_beside_the_segments_and_not_between_them()
    {
        var gate = new TaskCompletionSource();
        _origin.Script("live/k", After(gate.Task, Status(404)));
        _origin.Script(Index, Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n0.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\n1.ts\n"
            + "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\n2.ts\n#EXT-X-ENDLIST\n"));
        var following = _origin.FollowAsync();

        (await Eventually.Holds(() => _origin.Count("live/k") == 1 && _origin.Count("live/2.ts") == 1)).ShouldBeTrue();
        gate.SetResult();

        var followed = await following;
        (followed.Log.Order, followed.Log.Results["1.ts"].Problem).ShouldBe(("0.ts !2.ts", "its key is not to be had"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B07_ranges_go_on_where_the_last_one_ended_and_an_answer_that_is_all_is_cut(bool hasRanges)
    {
        _origin.Server.HasRanges = hasRanges;
        _origin.Script(Index, Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n#EXT-X-BYTERANGE:188@188\n7.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:376\n7.ts\n#EXT-X-ENDLIST\n"));

        var bytes = new List<byte>();
        var log = new EachSegment(bytes.AddRange);
        await new HlsUpstream(_origin.Server.Outbound, new UpstreamManner(), new OneSink(log), new FastClock(30)).RunAsync(_origin.Server.Url(Index), default);

        bytes.ToArray().ShouldBe(Bytes(7)[188..752]);
        _origin.Server.Asked.Where(a => a.Contains("7.ts", StringComparison.Ordinal))
            .ShouldBe(["live/7.ts bytes=188-375", "live/7.ts bytes=376-751"], ignoreOrder: true);
    }

    [Fact]
    public async Task B07_an_answer_of_another_range_is_not_taken_for_the_one_that_was_asked_for()
    {
        _origin.Server.Faults["live/7.ts"] = async context =>
        {
            (context.Response.StatusCode, context.Response.Headers.ContentRange) = (206, "bytes 300-500/940");
            await context.Response.Body.WriteAsync(new byte[201]);
            return true;
        };
        _origin.Script(Index, Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n#EXT-X-BYTERANGE:188@188\n7.ts\n#EXTINF:1,\n8.ts\n#EXT-X-ENDLIST\n"));

        var followed = await _origin.FollowAsync();

        (followed.Log.Order, followed.Log.Results["7.ts"].Problem).ShouldBe(("!8.ts", "the upstream has another file now"));
    }

    [Fact]
    public async Task B08_a_map_is_its_uri_range_and_key_and_may_change_and_gaps_are_passed_over()
    {
        _origin.Server.Files["live/map"] = [1, 2, 3, 4];
        _origin.Script(Index, Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI=\"map\"\n#EXTINF:1,\n0.ts\n#EXTINF:1,\n1.ts\n"
            + "#EXT-X-MAP:URI=\"map\",BYTERANGE=\"2@1\"\n#EXTINF:1,\n2.ts\n#EXTINF:1,\n#EXT-X-GAP\n3.ts\n#EXTINF:1,\n4.ts\n#EXT-X-ENDLIST\n"));

        var followed = await _origin.FollowAsync();

        followed.Log.Order.ShouldBe("0.ts 1.ts 2.ts !4.ts");
        followed.Log["0.ts"].ShouldBe([1, 2, 3, 4, .. Bytes(0)]);
        followed.Log["1.ts"].ShouldBe(Bytes(1));
        followed.Log["2.ts"].ShouldBe([2, 3, .. Bytes(2)]);
        followed.Log["4.ts"].ShouldBe([2, 3, .. Bytes(4)]);
        (followed.Counts.Gaps, followed.Shapes[0].HasMaps, _origin.Count("live/3.ts")).ShouldBe((1, true, 0));
    }

    [Fact]
    public async Task B09_the_best_variant_within_limits_with_its_audio_and_no_single_pictures()
    {
        _origin.Server.Files["main.m3u8"] = """
            #EXTM3U
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",LANGUAGE="de",URI="de/index.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="en/index.m3u8"
            #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,RESOLUTION=1280x720,URI="pictures.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=1920x1080,AUDIO="a"
            large.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=1280x720,AUDIO="a"
            live/index.m3u8
            #EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,AUDIO="a"
            small.m3u8
            """u8.ToArray();
        _origin.Script(Index, List(0, 3), List(1, 3), End(1, 3));
        _origin.Script("en/index.m3u8", List(50, 3), End(50, 3));
        for (var n = 50; n < 53; n++)
        {
            _origin.Server.Files[$"en/{n}.ts"] = Bytes(n);
        }

        var followed = await _origin.FollowAsync("main.m3u8", manner: new UpstreamManner { Policy = new() { MostLines = 720 } });

        (followed.Shapes[0].Variant!.Height, followed.Shapes[0].HasSeparateAudio).ShouldBe((720, true));
        (followed.Log.Order, followed.Audio.Order).ShouldBe(("0.ts 1.ts 2.ts 3.ts", "50.ts 51.ts 52.ts"));
        _origin.Server.Asked.Where(a => a.EndsWith(".m3u8", StringComparison.Ordinal)).Distinct().Order()
            .ShouldBe(["en/index.m3u8", "live/index.m3u8", "main.m3u8"]);
    }

    [Fact]
    public async Task B09_audio_that_breaks_is_followed_again_while_there_is_a_picture()
    {
        _origin.Server.Files["main.m3u8"] =
            "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"a/index.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=9,AUDIO=\"a\"\nlive/index.m3u8\n"u8.ToArray();
        _origin.Script(Index, [.. Enumerable.Range(0, 40).Select(n => List(n, 3)), End(40, 3)]);
        _origin.Script("a/index.m3u8", Status(404), Status(404), List(0, 1), Status(500), Status(500), Status(500), Status(500), List(1, 1), List(2, 1));
        for (var n = 0; n < 3; n++)
        {
            _origin.Server.Files[$"a/{n}.ts"] = Bytes(n);
        }

        var followed = await _origin.FollowAsync("main.m3u8");

        (followed.End.Reason, followed.Audio.Order).ShouldBe((null, "0.ts 1.ts 2.ts"));
        followed.Log.Results.Count.ShouldBe(43);
    }

    [Fact]
    public async Task B11_a_segment_is_asked_for_until_it_has_left_the_playlist_and_the_others_do_not_wait_for_ever()
    {
        _origin.Server.Refuse("live/1.ts", 404, int.MaxValue);
        _origin.Server.Refuse("live/4.ts", 503, 2);

        // What is asked for again leaves the playlist when it has been, however busy the machine is with other things.
        var lists = Enumerable.Range(0, 12).Select(n => When(() => (n < 2 || WasAsked("live/1.ts")) && (n < 5 || WasAsked("live/4.ts")), List(n, 3)));
        _origin.Script(Index, [.. lists, End(12, 3)]);

        var followed = await _origin.FollowAsync(clock: new FastClock(10));

        followed.Log.Order.ShouldBe("0.ts !2.ts " + string.Join(' ', Enumerable.Range(3, 12).Select(n => $"{n}.ts")));
        (followed.Log.Results["1.ts"].Status, followed.Log.Results["4.ts"].Problem, followed.Log.Results["4.ts"].Retries).ShouldBe((404, null, 2));
        followed.Log.Results["1.ts"].Retries.ShouldBeGreaterThan(1);

        bool WasAsked(string segment) => _origin.Count(segment) > 2;
    }

    [Fact]
    public async Task B11_what_breaks_off_is_resumed_and_what_drips_is_cut_when_it_has_left_the_playlist()
    {
        _origin.Server.Files["live/2.ts"] = [.. Bytes(2), .. Bytes(3)];
        _origin.Server.CutOnce("live/2.ts", 500);
        _origin.Server.Faults["live/4.ts"] = async context =>
        {
            for (var n = 0; n < 2000 && !context.RequestAborted.IsCancellationRequested; n++)
            {
                await context.Response.Body.WriteAsync(new byte[1]);
                await Task.Delay(10);
            }

            return true;
        };
        _origin.Script(Index, [.. Enumerable.Range(0, 40).Select(n => List(n, 3)), End(40, 3)]);

        var followed = await _origin.FollowAsync();

        followed.Log["2.ts"].ShouldBe([.. Bytes(2), .. Bytes(3)]);
        _origin.Server.Asked.ShouldContain("live/2.ts bytes=500-");
        followed.Log.Results["4.ts"].Problem.ShouldBe("it came so slowly that it has left the playlist");
        followed.Log.Order.ShouldContain(" 4.ts !5.ts 6.ts ");
        followed.Log.Results["42.ts"].Problem.ShouldBeNull();
    }

    [Fact]
    public async Task B11_what_drips_in_a_film_is_cut_too_and_a_film_of_that_is_of_no_use()
    {
        for (var n = 1; n < 4; n++)
        {
            _origin.Server.Faults[$"live/{n}.ts"] = async context =>
            {
                await context.Response.Body.WriteAsync(new byte[1]);
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await Task.Delay(10);
                    await context.Response.Body.WriteAsync(new byte[1]);
                }

                return true;
            };
        }

        _origin.Script(Index, End(0, 4));

        var followed = await _origin.FollowAsync();

        followed.Log["0.ts"].ShouldBe(Bytes(0));
        followed.Log.Results["1.ts"].Problem.ShouldBe("it comes too slowly");
        followed.End.Reason.ShouldBe("its segments do not come: it comes too slowly");
    }

    [Fact]
    public async Task B11_a_key_that_drips_holds_nobody_up_for_ever()
    {
        _origin.Server.Faults["live/k"] = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[1]);
                await Task.Delay(50);
            }

            return true;
        };
        _origin.Script(Index, Text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n0.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\n1.ts\n"
            + "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\n2.ts\n#EXT-X-ENDLIST\n"));

        (await _origin.FollowAsync()).Log.Order.ShouldBe("0.ts !2.ts");
    }

    [Fact]
    public async Task Lengths_that_no_timer_knows_end_nothing()
    {
        _origin.Script(Index, [.. Enumerable.Range(1, 7).Select(n => Lasting(n, "")), Lasting(8, "#EXT-X-ENDLIST\n")]);
        using var enough = new CancellationTokenSource();
        var log = new SegmentLog();

        var following = new HlsUpstream(_origin.Server.Outbound, new UpstreamManner(), new OneSink(log), new FastClock(30)).RunAsync(_origin.Server.Url(Index), enough.Token);
        (await Eventually.Holds(() => log.Count == 7 && _origin.Count(Index) == 8)).ShouldBeTrue();
        await Task.WhenAny(following, Task.Delay(100, TestContext.Current.CancellationToken));
        await enough.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(following);

        static Answer Lasting(int count, string tag) => Text(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + string.Concat(Enumerable.Range(0, count).Select(n => $"#EXTINF:1000000,\n{n}.ts\n")) + tag);
    }

    [Fact]
    public async Task Audio_that_is_text_is_fetched_once_and_the_picture_goes_on_without()
    {
        _origin.Server.Files["main.m3u8"] = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"A\",URI=\"a/index.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\nlive/index.m3u8\n"u8.ToArray();
        _origin.Script("a/index.m3u8", [.. Enumerable.Range(0, 200).Select(n => List(n, 3))]);
        for (var n = 0; n < 200; n++)
        {
            _origin.Server.Files[$"a/{n}.ts"] = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"u8.ToArray();
        }

        _origin.Script(Index, [.. Enumerable.Range(0, 40).Select(n => List(n, 3)), End(40, 3)]);
        var sinks = new TextAudio();

        var end = await new HlsUpstream(_origin.Server.Outbound, new UpstreamManner(), sinks, new FastClock(30)).RunAsync(_origin.Server.Url("main.m3u8"), default);

        (end.Reason, sinks.WasToldForGood).ShouldBe((null, true));
        _origin.Server.Asked.Count(static a => a.StartsWith("a/", StringComparison.Ordinal) && a.EndsWith(".ts", StringComparison.Ordinal)).ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task B11_whatever_comes_only_whole_packets_go_on()
    {
        var log = new ChunkLog(1 << 20);
        var writer = new TsLogWriter(log);
        var sink = new TsSegmentSink(writer);
        var packets = Enumerable.Range(0, 30).SelectMany(n => (byte[])[0x47, 0x01, 0x00, (byte)(0x10 | (n & 15)), .. new byte[184]]).ToArray();
        _origin.Server.Files["live/0.ts"] = packets[..(188 * 9)];
        _origin.Server.Files["live/1.ts"] = packets[..((188 * 7) + 50)];
        _origin.Server.Files["live/2.ts"] = packets;
        _origin.Script(Index, End(0, 3));

        await new HlsUpstream(_origin.Server.Outbound, new UpstreamManner(), new OneSink(sink), new FastClock(30)).RunAsync(_origin.Server.Url(Index), default);

        log.Complete();
        var bytes = log.Slice(0, log.Position).ShouldNotBeNull().SelectMany(p => p.ToArray()).ToArray();
        (bytes.Length % 188).ShouldBe(0);
        bytes.Chunk(188).ShouldAllBe(p => p[0] == 0x47);
        writer.LostBytes.ShouldBe(50);
    }

    [Fact]
    public async Task Segments_that_do_not_come_at_all_are_an_upstream_that_is_of_no_use()
    {
        _origin.Script(Index, [.. Enumerable.Range(190, 150).Select(n => List(n, 3))]);

        var followed = await _origin.FollowAsync();

        followed.End.Reason.ShouldBe("its segments do not come: the upstream answers 404");
        followed.Log.Order.ShouldStartWith("190.ts 191.ts");
    }

    /// <summary>Takes video, and refuses audio.</summary>
    private sealed class TextAudio : ISegmentSinks
    {
        public bool WasToldForGood { get; private set; }

        public string? Kind => null;

        public long LostBytes => 0;

        public long Losses => 0;

        public ISegmentSink Main(UpstreamShape shape) => new SegmentLog();

        public ISegmentSink? Audio(UpstreamShape shape) => new EachSegment(static _ => throw new UpstreamRefusedException("text"));

        public void WithoutAudio(bool isForGood) => WasToldForGood |= isForGood;
    }

    /// <summary>Takes all bytes.</summary>
    private sealed class EachSegment(Action<byte[]> take) : ISegmentSink
    {
        public void Begin(UpstreamSegment segment, bool isBreak)
        {
        }

        public void Write(ReadOnlySpan<byte> bytes) => take(bytes.ToArray());

        public void End(UpstreamSegment segment, DownloadResult result)
        {
        }
    }
}
