using System.Diagnostics;
using System.Globalization;
using System.Text;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.Manifests;
using Sluice.Media.Tests.Manifests;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Hls;

public sealed class HlsMediaWriterTests
{
    private static readonly SegmentUris Fmp4 = new() { Init = "init.mp4", Suffix = ".m4s" };
    private static readonly SegmentUris Ts = new() { Prefix = "segment", Suffix = ".ts", FirstNumber = 0 };

    private static decimal[] Durations(string playlist) =>
        [.. Playlist.Lines(playlist).Where(static l => l.StartsWith("#EXTINF:", StringComparison.Ordinal))
            .Select(static l => decimal.Parse(l[8..^1], CultureInfo.InvariantCulture))];

    [Fact]
    public void Fmp4_with_a_token()
    {
        var playlist = HlsMediaWriter.Write(Sample.VideoTimings, 90_000, Fmp4, independentSegments: true);

        Golden.Match("hls/media-fmp4.m3u8", playlist.Text("?token=abc.def"));
    }

    [Fact]
    public void Transport_stream_from_segment_0_without_a_token()
    {
        var playlist = HlsMediaWriter.Write(Sample.VideoTimings, 90_000, Ts, independentSegments: false, 10);

        Golden.Match("hls/media-ts.m3u8", playlist.Text());
    }

    [Fact]
    public void Growing_with_a_token()
    {
        var playlist = HlsMediaWriter.Write(Sample.VideoTimings.AsSpan(0, 2), 90_000, Fmp4, independentSegments: false, 6, isGrowing: true);

        Golden.Match("hls/media-growing.m3u8", playlist.Text("?token=abc.def"));
    }

    [Fact]
    public void A_growing_playlist_is_only_ever_appended_to_until_its_end_comes()
    {
        var random = new Random(7);
        long start = 0;
        SegmentTiming[] timings = [.. Enumerable.Range(0, 300).Select(_ =>
        {
            var timing = new SegmentTiming(start, random.Next(1, 540_001));
            start += timing.DurationTicks;
            return timing;
        })];

        var before = "";
        for (var count = 0; count <= timings.Length; count++)
        {
            var text = HlsMediaWriter.Write(timings.AsSpan(0, count), 90_000, Fmp4, false, 6, isGrowing: true).Text();
            text.ShouldStartWith(before); // RFC 8216 section 4.3.3.5: lines may only be appended.
            text.ShouldNotContain("ENDLIST");
            Playlist.Lines(text).Count(static l => l[0] != '#').ShouldBe(count);
            before = text;
        }

        var whole = Playlist.Lines(HlsMediaWriter.Write(timings, 90_000, Fmp4, false, 6).Text());
        Playlist.Lines(before).SkipWhile(static l => !l.StartsWith("#EXTINF", StringComparison.Ordinal)).Append("#EXT-X-ENDLIST")
            .ShouldBe(whole.SkipWhile(static l => !l.StartsWith("#EXTINF", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_line_is_a_tag_or_a_URI_and_every_URI_has_the_query()
    {
        var lines = Playlist.Lines(HlsMediaWriter.Write(Sample.VideoTimings, 90_000, Fmp4, true).Text("?token=x"));

        lines.Where(static l => l[0] != '#').ShouldBe(["1.m4s?token=x", "2.m4s?token=x", "3.m4s?token=x", "4.m4s?token=x"]);
        lines.ShouldContain("#EXT-X-MAP:URI=\"init.mp4?token=x\"");
    }

    [Theory]
    [InlineData(90_000)]
    [InlineData(30_000)]
    [InlineData(24_000)]
    [InlineData(44_100)]
    [InlineData(11_025)]
    [InlineData(12_288)]
    [InlineData(7)]
    [InlineData(10_000_000)]
    [InlineData(uint.MaxValue)]
    public void EXTINF_never_drifts_from_the_table_over_eleven_hours(uint timescale)
    {
        var random = new Random(unchecked((int)timescale));
        var timings = Sample.Timings(
            12_345, [.. Enumerable.Range(0, 6600).Select(_ => Math.Max(1, (long)(timescale * (5.5 + random.NextDouble()))))]);

        var sum = 0m;
        foreach (var (written, timing) in Durations(HlsMediaWriter.Write(timings, timescale, Fmp4, true).Text()).Zip(timings))
        {
            sum += written;
            var exact = (decimal)(timing.StartTicks + timing.DurationTicks - 12_345) / timescale;
            Math.Abs(sum - exact).ShouldBeLessThanOrEqualTo(0.000_000_5m);
        }
    }

    [Theory]
    [InlineData(1000, 6000, 6)]
    [InlineData(1000, 6499, 6)]
    [InlineData(1000, 6500, 7)]
    [InlineData(30_000, 194_999, 6)]
    [InlineData(1000, 1, 1)]
    [InlineData(10_000_000, 64_999_996, 7)] // written as 6.500000
    public void TARGETDURATION_is_the_longest_EXTINF_rounded(uint timescale, long ticks, int expected)
    {
        var timings = Sample.Timings(0, ticks, 1);

        Playlist.Lines(HlsMediaWriter.Write(timings, timescale, Fmp4, true).Text())
            .ShouldContain($"#EXT-X-TARGETDURATION:{expected}");
    }

    [Fact]
    public void The_target_of_the_asset_covers_every_EXTINF_of_every_track()
    {
        var random = new Random(2);
        for (var round = 0; round < 2000; round++)
        {
            var timescale = (uint)random.Next(1, 20_000_000);
            var durations = Enumerable.Range(0, 5).Select(_ => 1L + random.Next(int.MaxValue)).ToArray();
            var timings = Sample.Timings(random.Next(), durations);
            var summary = Sample.Audio with { Timescale = timescale, LongestSegmentTicks = durations.Max() };
            var target = HlsTargetDuration.Of([Sample.Video, summary]);

            var playlist = HlsMediaWriter.Write(timings, timescale, Fmp4, true, target).Text();

            Playlist.Lines(playlist).ShouldContain($"#EXT-X-TARGETDURATION:{target}");
            Durations(playlist).Max(static d => Math.Round(d, MidpointRounding.AwayFromZero)).ShouldBeLessThanOrEqualTo(target);
        }
    }

    [Fact]
    public void The_target_of_the_asset_allows_for_the_rounding_of_both_ends_of_a_segment()
    {
        // 6.499999⅓ s; the second segment's ends round apart, so that its EXTINF is 6.500000.
        var timings = Sample.Timings(0, 19_499_998, 19_499_998);
        var summary = Sample.Audio with { Timescale = 3_000_000, LongestSegmentTicks = 19_499_998 };

        Durations(HlsMediaWriter.Write(timings, 3_000_000, Fmp4, true).Text()).ShouldBe([6.499_999m, 6.5m]);
        HlsTargetDuration.Of([summary]).ShouldBe(7);
    }

    [Fact]
    public void The_target_of_an_asset_is_that_of_its_longest_track()
    {
        HlsTargetDuration.Of([Sample.Video, Sample.Audio]).ShouldBe(6);
        HlsTargetDuration.Of([Sample.Video, Sample.Audio with { LongestSegmentTicks = 7 * 48_000 }]).ShouldBe(7);
        HlsTargetDuration.Of([]).ShouldBe(1);
    }

    [Fact]
    public void A_title_without_segments_is_still_a_playlist()
    {
        Playlist.Lines(HlsMediaWriter.Write([], 90_000, Ts, false).Text())[^1].ShouldBe("#EXT-X-ENDLIST");
    }

    [Theory]
    [InlineData("a b/")]
    [InlineData("a\n#EXT-X-ENDLIST\n")]
    [InlineData("a?b=")]
    [InlineData("é/")]
    public void A_URI_that_is_none_is_refused(string prefix)
    {
        foreach (var uris in new[] { Fmp4 with { Prefix = prefix }, Fmp4 with { Init = prefix }, Fmp4 with { Suffix = prefix } })
        {
            Should.Throw<ArgumentException>(() => HlsMediaWriter.Write(Sample.VideoTimings, 1, uris, true));
        }
    }

    [Fact]
    public void Eleven_hours_are_written_in_milliseconds_and_rendered_without_allocating()
    {
        var timings = Sample.Timings(0, [.. Enumerable.Repeat(540_540L, 6600)]);
        var query = Encoding.ASCII.GetBytes("?token=" + new string('x', 200));
        var template = HlsMediaWriter.Write(timings, 90_000, Fmp4, true);
        var output = new byte[template.GetLength(query)];
        var fastest = TimeSpan.MaxValue;
        for (var round = 0; round < 30; round++)
        {
            var start = Stopwatch.GetTimestamp();
            template = HlsMediaWriter.Write(timings, 90_000, Fmp4, true);
            var took = Stopwatch.GetElapsedTime(start);
            fastest = took < fastest ? took : fastest;
        }

        fastest.TotalMilliseconds.ShouldBeLessThan(5);
        template.Render(query, 0, output).ShouldBe(output.Length);

        // A collection meanwhile, for another test, gives this thread a new piece of memory and counts it.
        Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            template.Render(query, 0, output);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ShouldBe(0);
    }

    [Fact]
    public void A_timescale_of_zero_is_a_bug_of_the_caller() =>
        Should.Throw<ArgumentOutOfRangeException>(() => HlsMediaWriter.Write(new SegmentTiming[1], 0, Fmp4, true));
}
