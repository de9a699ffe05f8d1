using System.Globalization;
using Shouldly;
using Sluice.Media.Tests.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Remux;

/// <summary>Fragments of a channel, remuxed: what is decoded is the same, when it is shown is the same, and nobody complains.</summary>
public sealed class RemuxOracleTests(ITestOutputHelper output)
{
    private const string Pictures = "-f lavfi -i testsrc2=size=320x180:rate=30000/1001:duration=17 ";
    private const string Sound = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=17 ";
    private const string Hls = "-f hls -hls_segment_type fmp4 -hls_list_size 0 -hls_segment_filename DIR/%d.m4s ";

    public static TheoryData<string, string> Sources => new()
    {
        { "avc-aac", $"{Pictures}{Sound}-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 60 -bf 3 -c:a aac -hls_time 2 {Hls}" },
        { "avc-long-gops", $"{Pictures}{Sound}-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 240 -keyint_min 240 -sc_threshold 0 -c:a aac -hls_time 8 {Hls}" },
        { "hevc-aac", $"{Pictures}{Sound}-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=60 -pix_fmt yuv420p -tag:v hvc1 -c:a aac -hls_time 2 {Hls}" },
        { "avc-ac3", $"{Pictures}{Sound}-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -c:a ac3 -hls_time 4 {Hls}" },
        { "avc-mp3", $"{Pictures}{Sound}-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -c:a libmp3lame -hls_time 4 {Hls}" },
        { "avc-alone", $"{Pictures}-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -hls_time 2 {Hls}" },
        { "aac-alone", $"{Sound}-c:a aac -hls_time 2 {Hls}" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void What_is_decoded_and_when_is_what_the_source_has(string name, string arguments)
    {
        using var hls = new RemuxedHls(arguments);

        var remuxed = hls.Remux();

        remuxed.Refusal.ShouldBeNull();
        var file = hls.Write("out.ts", remuxed.Bytes);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        TsWalk.CountersRunOn(TsWalk.Packets(remuxed.Bytes));
        var check = TsCheck.Of(remuxed.Bytes);
        check.Problems.ShouldBeEmpty();
        (check.LongestTableGap <= 0.5, check.LongestClockGap <= 0.11).ShouldBe((true, true), $"{check.LongestTableGap} {check.LongestClockGap}");
        var (ours, theirs) = (Decoded(file), Decoded(hls.PathOf("all.m3u8")));
        output.WriteLine($"{name}: {ours.Count} of {theirs.Count}");
        theirs.Count.ShouldBeGreaterThan(100);
        Same(ours, theirs);
    }

    /// <summary>Every frame of every stream, decoded: stream, time in seconds since the first of all, hash.</summary>
    internal static List<(string Stream, double Seconds, string Hash)> Decoded(string file)
    {
        var rows = Ffmpeg.Run("-v error -copyts -i", file, "-f", "framemd5", "-").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var rates = rows.Where(static r => r.StartsWith("#tb", StringComparison.Ordinal))
            .ToDictionary(static r => r[4..5], static r => r[7..].Split('/'));
        var frames = rows.Where(static r => r[0] != '#').Select(r => r.Split(',', StringSplitOptions.TrimEntries)).Select(f =>
        {
            var rate = rates[f[0]];
            var seconds = double.Parse(f[2], CultureInfo.InvariantCulture) * int.Parse(rate[0], CultureInfo.InvariantCulture) / int.Parse(rate[1], CultureInfo.InvariantCulture);
            return (Stream: f[0], Seconds: seconds, Hash: f[5]);
        }).ToList();
        return frames;
    }

    /// <summary>Streams may be numbered otherwise, and times may begin elsewhere, but not apart from each other.</summary>
    internal static void Same(List<(string Stream, double Seconds, string Hash)> ours, List<(string Stream, double Seconds, string Hash)> theirs)
    {
        var offset = ours.Find(static f => f.Stream == "0").Seconds - theirs.Find(static f => f.Stream == "0").Seconds;
        foreach (var stream in theirs.Select(static f => f.Stream).Distinct())
        {
            var (a, b) = (ours.Where(f => f.Stream == stream).ToList(), theirs.Where(f => f.Stream == stream).ToList());
            a.Select(static f => f.Hash).ShouldBe(b.Select(static f => f.Hash), $"stream {stream}");
            a.Zip(b).ShouldAllBe(p => Math.Abs(p.First.Seconds - p.Second.Seconds - offset) < 0.002);
        }
    }
}
