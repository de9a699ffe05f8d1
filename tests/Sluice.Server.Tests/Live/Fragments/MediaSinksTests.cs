using System.Globalization;
using System.Text;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Live.Output;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>Whatever an upstream sends: an endless body that decodes, and segments as they came.</summary>
public sealed class MediaSinksTests(FragmentFilms films) : IClassFixture<FragmentFilms>
{
    private const int Pictures = 300;

    [Theory]
    [InlineData("both.m3u8", "fmp4", "v")]
    [InlineData("apart.m3u8", "fmp4", "v a")]
    [InlineData("ts.m3u8", "ts", "ts")]
    [InlineData("mixed.m3u8", "fmp4", "ts")]
    [InlineData("tv.m3u8", "ts", "ts")]
    [InlineData("a.m3u8", "fmp4", "v")]
    public async Task All_of_it_is_in_the_endless_body_and_decodes(string playlist, string kind, string tracks)
    {
        var (feed, end, sinks) = await films.FollowAsync(playlist);

        (end.Reason, end.IsFilm, sinks.Kind, sinks.Losses, sinks.LostBytes).ShouldBe((null, true, kind, 0, 0));
        string.Join(' ', feed.Tracks.All.Select(static t => t.Name)).ShouldBe(tracks);
        var file = films.Write("endless.ts", Bytes(feed.Ts));
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        TsCheck.Of(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).Problems.ShouldBeEmpty();
        var packets = Ffmpeg.Probe("-show_entries packet=codec_type -of csv=p=0", file).CountBy(static r => r.TrimEnd(',')).ToDictionary();
        packets.GetValueOrDefault("video").ShouldBe(playlist == "a.m3u8" ? 0 : Pictures);
        packets.GetValueOrDefault("audio").ShouldBeInRange(playlist switch { "tv.m3u8" => 0, "mixed.m3u8" => 480, _ => 562 }, playlist == "tv.m3u8" ? 0 : 566, "fragments and a transport stream have clocks of their own");
        feed.Ts.Index.Segments.ShouldAllBe(s => s.End != null && s.Duration > TimeSpan.Zero);
        feed.Ts.Index.Segments.Sum(static s => s.Duration.TotalSeconds).ShouldBe(12, 0.3);
        feed.Ts.Index.Segments.Length.ShouldBe(playlist == "a.m3u8" ? 7 : 6);
        feed.Ts.Index.Points.Length.ShouldBeGreaterThanOrEqualTo(6);
    }

    [Theory]
    [InlineData("both.m3u8")]
    [InlineData("apart.m3u8")]
    public async Task Segments_are_as_they_came_and_play_behind_their_map(string playlist)
    {
        var (feed, _, _) = await films.FollowAsync(playlist);

        foreach (var track in feed.Tracks.All)
        {
            var name = playlist == "both.m3u8" ? "both" : track.Name;
            track.Log.Index.Segments.Length.ShouldBe(track.Name == "a" ? 7 : 6);
            foreach (var (n, segment) in track.Log.Index.Segments.Index())
            {
                (segment.Number, segment.Map, segment.IsDiscontinuity).ShouldBe((n, 0, false));
                Bytes(track.Log, segment).ShouldBe(films.Read(string.Create(CultureInfo.InvariantCulture, $"{name}{n}.m4s")));
                segment.Duration.TotalSeconds.ShouldBe(n < 6 ? 2 : 0.02, 0.05);
            }

            track.Log.Index.Segments.Sum(static s => s.Duration.TotalSeconds).ShouldBe(12, 0.05);
            track.Maps!.TryGet(0, out var map).ShouldBeTrue();
            map!.Value.ToArray().ShouldBe(films.Read($"{name}.mp4"));
        }

        feed.Tracks.All[0].Codecs.ShouldBe(playlist == "both.m3u8" ? "avc1.42C00C,mp4a.40.2" : "avc1.42C00C");
        feed.Tracks.All[0].Resolution.ShouldBe((320, 180));
        feed.Tracks.All[^1].Language.ShouldBe(playlist == "both.m3u8" ? null : "deu");
    }

    [Fact]
    public async Task Of_a_segment_that_breaks_off_the_whole_fragments_stay_and_what_follows_is_no_discontinuity_of_its_times()
    {
        var (feed, _, sinks) = await films.FollowAsync("both.m3u8", upstream =>
        {
            var whole = upstream.Files["both2.m4s"];
            var other = upstream.Files["both3.m4s"];
            upstream.Files["both2.m4s"] = whole[..(whole.Length / 2)];
            upstream.Files["both3.m4s"] = [.. other, .. other[..100]];
        });

        var segments = feed.Tracks.All[0].Log.Index.Segments;
        segments.Length.ShouldBe(5, "of one fragment that is not whole, nothing is left");
        Bytes(feed.Tracks.All[0].Log, segments[2]).ShouldBe(films.Read("both3.m4s"));
        segments.ShouldAllBe(static s => !s.IsDiscontinuity);
        sinks.Losses.ShouldBeGreaterThan(10);
        var file = films.Write("cut.ts", Bytes(feed.Ts));
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        TsCheck.Of(Bytes(feed.Ts)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_map_is_another_number_with_a_discontinuity()
    {
        films.Make("-f lavfi -i testsrc2=size=160x90:rate=25:duration=4 -c:v libx264 -pix_fmt yuv420p -g 50", "small", fragments: true);

        var (feed, end, _) = await films.FollowAsync("changing.m3u8", upstream => upstream.Files["changing.m3u8"] = Encoding.UTF8.GetBytes(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"v.mp4\"\n#EXTINF:2,\nv0.m4s\n#EXTINF:2,\nv1.m4s\n"
            + "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"small.mp4\"\n#EXTINF:2,\nsmall0.m4s\n#EXT-X-MAP:URI=\"small.mp4?again\"\n#EXTINF:2,\nsmall1.m4s\n"
            + "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"v.mp4\"\n#EXTINF:2,\nv4.m4s\n#EXT-X-ENDLIST\n"));

        end.Reason.ShouldBeNull();
        feed.Tracks.All[0].Log.Index.Segments.Select(static s => (s.Map, s.IsDiscontinuity)).ShouldBe([(0, false), (0, false), (1, true), (1, false), (2, true)]);
        var file = films.Write("changing.ts", Bytes(feed.Ts));
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        TsCheck.Of(Bytes(feed.Ts)).Problems.ShouldBeEmpty();
        Ffmpeg.Probe("-select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0", file)[0].TrimEnd(',').ShouldBe("250");
    }

    [Fact]
    public async Task What_does_not_fit_into_a_transport_stream_is_kept_for_players_that_fetch_segments()
    {
        films.Make("-f lavfi -i testsrc2=size=160x90:rate=25:duration=4 -c:v libsvtav1 -preset 12 -g 50 -pix_fmt yuv420p", "av1", fragments: true);

        var (feed, end, _) = await films.FollowAsync("av1.m3u8");

        end.Reason.ShouldBeNull();
        feed.TsProblem.ShouldNotBeNull().ShouldContain("av01");
        feed.Tracks.All.ShouldHaveSingleItem().Codecs.ShouldNotBeNull().ShouldStartWith("av01");
        feed.Tracks.All[0].Log.Index.Segments.Sum(static s => s.Duration.TotalSeconds).ShouldBe(4, 0.01);
        feed.IsJoinable.ShouldBeTrue();
    }

    [Theory]
    [InlineData("text.m3u8", "its segments are text, not video or audio")]
    [InlineData("nomap.m3u8", "its segments have no init segment (EXT-X-MAP)")]
    [InlineData("locked.m3u8", "its video is encrypted (DRM)")]
    public async Task What_is_of_no_use_says_why(string playlist, string reason)
    {
        var (_, end, _) = await films.FollowAsync(playlist, upstream =>
        {
            upstream.Files["text.m3u8"] = List("", "page.vtt");
            upstream.Files["page.vtt"] = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"u8.ToArray();
            upstream.Files["nomap.m3u8"] = List("", "v0.m4s");
            upstream.Files["locked.m3u8"] = List("#EXT-X-MAP:URI=\"locked.mp4\"\n", "v0.m4s");
            upstream.Files["locked.mp4"] = Locked(upstream.Files["v.mp4"]);
        });

        end.Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task Without_its_audio_the_video_goes_on_after_a_while()
    {
        var (feed, end, sinks) = await films.FollowAsync("apart.m3u8", static upstream => upstream.Files.TryRemove("a.m3u8", out _));

        (end.Reason, sinks.TimesAlone).ShouldBe((null, 1));
        var file = films.Write("alone.ts", Bytes(feed.Ts));
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        Ffmpeg.Probe("-select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0", file)[0].TrimEnd(',').ShouldBe("300");
    }

    [Fact]
    public async Task Of_audio_that_is_text_the_video_is_listed_without_and_does_not_wait()
    {
        var (feed, end, sinks) = await films.FollowAsync("apart.m3u8", static upstream =>
        {
            upstream.Files["a.m3u8"] = List("", "page.vtt");
            upstream.Files["page.vtt"] = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"u8.ToArray();
        });

        (end.Reason, sinks.TimesAlone).ShouldBe((null, 0));
        feed.Tracks.All.ShouldHaveSingleItem().Name.ShouldBe("v");
        feed.Tracks.All[0].Log.Index.Segments.Length.ShouldBe(6);
        feed.Ts.Index.Segments.Length.ShouldBe(6);
    }

    [Fact]
    public void What_is_given_up_leaves_nothing_behind_and_the_next_goes_on()
    {
        var feed = new LiveFeed(64 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
        using var sinks = new MediaSinks(feed, TimeProvider.System);
        var shape = new UpstreamShape(false, HasSeparateAudio: true, null, TimeSpan.FromSeconds(2));
        var half = sinks.Main(shape);
        half.Begin(Upstream.Segment("tv0.ts"), true);
        half.Write(films.Read("tv0.ts").AsSpan(0, 20_000));
        feed.Memory.TakenBytes.ShouldBeGreaterThan(10_000, "video waits for its audio");

        sinks.Abandon();

        feed.Memory.TakenBytes.ShouldBe(0);
        var next = sinks.Main(shape with { HasSeparateAudio = false });
        foreach (var n in Enumerable.Range(1, 3))
        {
            next.Begin(Upstream.Segment($"tv{n}.ts"), n == 1);
            next.Write(films.Read($"tv{n}.ts"));
            next.End(Upstream.Segment($"tv{n}.ts"), new DownloadResult(0, null, 200, 0));
        }

        sinks.Complete();
        (feed.Ts.Index.Segments.Length, sinks.LostBytes).ShouldBe((3, 0));
        TsCheck.Of(Bytes(feed.Ts)).Problems.ShouldBeEmpty();
        Ffmpeg.Run("-xerror -i", films.Write("next.ts", Bytes(feed.Ts)), "-f", "null", "-");
    }

    [Fact]
    public void Behind_what_is_given_up_counters_and_clock_go_on()
    {
        var feed = new LiveFeed(64 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
        using var sinks = new MediaSinks(feed, TimeProvider.System);
        var shape = new UpstreamShape(false, HasSeparateAudio: false, null, TimeSpan.FromSeconds(2));
        var first = sinks.Main(shape);
        Give(first, "tv0.ts");
        first.Begin(Upstream.Segment("tv1.ts"), false);
        first.Write(films.Read("tv1.ts").AsSpan(0, 20_000));

        sinks.Abandon();

        // In the middle of a group of pictures, as whoever begins to listen does.
        feed.Memory.TakenBytes.ShouldBe(0);
        var next = sinks.Main(shape);
        next.Begin(Upstream.Segment("tv3.ts"), true);
        var late = films.Read("tv3.ts");
        next.Write(late.AsSpan(0, 2 * 188));
        next.Write(late.AsSpan(late.Length / 2 / 188 * 188));
        next.End(Upstream.Segment("tv3.ts"), new DownloadResult(0, null, 200, 0));
        Give(next, "tv4.ts");
        sinks.Complete();

        TsCheck.Of(Bytes(feed.Ts)).Problems.ShouldBeEmpty();
        Ffmpeg.Run("-v error -xerror -i", films.Write("again.ts", Bytes(feed.Ts)), "-f", "null", "-");

        void Give(ISegmentSink sink, string file)
        {
            sink.Begin(Upstream.Segment(file), false);
            sink.Write(films.Read(file));
            sink.End(Upstream.Segment(file), new DownloadResult(0, null, 200, 0));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_sound_is_sent_whether_it_comes_before_the_end_of_the_picture_or_after(bool isLate)
    {
        var feed = new LiveFeed(64 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
        using var sinks = new MediaSinks(feed, TimeProvider.System);
        var shape = new UpstreamShape(true, HasSeparateAudio: true, null, TimeSpan.FromSeconds(2));
        var (picture, sound) = (sinks.Main(shape), sinks.Audio(shape)!);
        var last = Enumerable.Range(0, 7).Last(n => File.Exists(films.PathOf(Name("a", n))));
        for (var n = 0; n <= last; n++)
        {
            Action[] both = [() => Give(sound, "a", n), () => Give(picture, "v", n)];
            foreach (var give in isLate && n >= 5 ? both.Reverse() : both)
            {
                give();
            }
        }

        sinks.Complete();

        var file = films.Write("sound.ts", Bytes(feed.Ts));
        Ffmpeg.Probe("-select_streams a -show_entries packet=pts -of csv=p=0", file).Length.ShouldBe(
            Ffmpeg.Probe("-select_streams a -show_entries packet=pts -of csv=p=0", films.PathOf("a.m3u8")).Length);

        void Give(ISegmentSink sink, string track, int n)
        {
            if (!File.Exists(films.PathOf(Name(track, n))))
            {
                return;
            }

            var segment = Upstream.Segment(Name(track, n));
            sink.Begin(segment, n == 0);
            sink.Write(n == 0 ? films.Read($"{track}.mp4") : []);
            sink.Write(films.Read(Name(track, n)));
            sink.End(segment, new DownloadResult(0, null, 200, 0));
        }

        static string Name(string track, int n) => string.Create(CultureInfo.InvariantCulture, $"{track}{n}.m4s");
    }

    [Fact]
    public void Of_a_picture_that_has_not_come_whole_nothing_goes_out_when_its_upstream_is_left()
    {
        var cut = Leave(isTold: true);

        Leave(isTold: false).ShouldBe(cut);

        byte[] Leave(bool isTold)
        {
            var feed = new LiveFeed(64 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
            using var sinks = new MediaSinks(feed, TimeProvider.System);
            var main = sinks.Main(new UpstreamShape(false, HasSeparateAudio: true, null, TimeSpan.FromSeconds(2)));
            main.Begin(Upstream.Segment("tv0.ts"), true);
            main.Write(films.Read("tv0.ts").AsSpan(0, 20_000));
            if (isTold)
            {
                main.End(Upstream.Segment("tv0.ts"), new DownloadResult(20_000, "it broke off", 200, 0));
            }

            sinks.Complete();
            return Bytes(feed.Ts);
        }
    }

    [Fact]
    public async Task A_segment_that_is_too_long_is_cut_between_its_fragments()
    {
        var (feed, _, _) = await films.FollowAsync("long.m3u8", upstream =>
        {
            upstream.Files["long.m4s"] = [.. films.Read("both0.m4s"), .. films.Read("both1.m4s"), .. films.Read("both2.m4s")];
            upstream.Files["long.m3u8"] = Encoding.UTF8.GetBytes(
                "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"both.mp4\"\n#EXTINF:6,\nlong.m4s\n#EXTINF:2,\nboth3.m4s\n#EXT-X-ENDLIST\n");
        });

        var log = feed.Tracks.All[0].Log;
        log.Index.Segments.Select(static s => (s.Number, s.Map, s.IsDiscontinuity)).ShouldBe([(0, 0, false), (1, 0, false), (2, 0, false), (3, 0, false)]);
        log.Index.Segments.ShouldAllBe(static s => Math.Abs(s.Duration.TotalSeconds - 2) < 0.001);
        foreach (var segment in log.Index.Segments)
        {
            Bytes(log, segment).ShouldBe(films.Read(string.Create(CultureInfo.InvariantCulture, $"both{segment.Number}.m4s")));
        }
    }

    [Fact]
    public async Task A_fragment_that_is_too_long_stays_whole_and_says_its_length()
    {
        films.Make("-f lavfi -i testsrc2=size=160x90:rate=25:duration=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 150 -keyint_min 150 -sc_threshold 0", "slow", fragments: true);

        var (feed, _, _) = await films.FollowAsync("slow.m3u8");

        var segment = feed.Tracks.All[0].Log.Index.Segments.ShouldHaveSingleItem();
        segment.Duration.TotalSeconds.ShouldBe(6, 0.001);
        Bytes(feed.Tracks.All[0].Log, segment).ShouldBe(films.Read("slow0.m4s"));
        feed.Ts.Index.Segments.ShouldAllBe(static s => s.Duration < TimeSpan.FromSeconds(2.5));
    }

    private static byte[] List(string tags, string segment) => Encoding.UTF8.GetBytes(
        $"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n{tags}#EXTINF:2,\n{segment}\n#EXT-X-ENDLIST\n");

    /// <summary>As an encrypted one would be: the sample entry renamed, and what it is inside.</summary>
    private static byte[] Locked(byte[] init)
    {
        var locked = init.ToArray();
        var entry = locked.AsSpan().IndexOf("avc1mp4"u8) is var brand and >= 0 ? brand + 4 : 0;
        var at = entry + locked.AsSpan(entry).IndexOf("avc1"u8);
        "encv"u8.CopyTo(locked.AsSpan(at));
        var inner = at + locked.AsSpan(at).IndexOf("pasp"u8);
        "sinf"u8.CopyTo(locked.AsSpan(inner));
        return locked;
    }

    private static byte[] Bytes(ChunkLog log) => log.Slice(log.Index.Segments[0].Position, log.Position).ShouldNotBeNull().SelectMany(static p => p.ToArray()).ToArray();

    private static byte[] Bytes(ChunkLog log, LogSegment segment) =>
        log.Slice(segment.Position, segment.End!.Value).ShouldNotBeNull().SelectMany(static p => p.ToArray()).ToArray();
}
