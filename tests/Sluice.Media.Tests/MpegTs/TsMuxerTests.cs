using System.Globalization;
using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Media.Tests.Codecs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

public sealed class TsMuxerTests(TsFixtures fixtures) : IClassFixture<TsFixtures>
{
    public static TheoryData<string> Fixtures => ["bframes", "with-aud", "still", "audio-only", "mp3", "mp3-low-rate", "open-gop"];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Counters_run_on_from_segment_to_segment(string fixture)
    {
        var ts = new SegmentedTs(fixtures.Mp4(fixture));
        ts.Segments.Count.ShouldBeGreaterThan(2);
        foreach (var segment in ts.Segments)
        {
            var packets = TsWalk.Packets(segment.Bytes);
            packets[0].Pid.ShouldBe(0);
            packets[1].Pid.ShouldBe(0x1000);
            foreach (var pid in packets.Where(static p => p.HasPayload).GroupBy(static p => p.Pid))
            {
                (pid.Count() % 16).ShouldBe(0, $"payload packets of PID {pid.Key:X}");
            }
        }

        TsWalk.CountersRunOn(TsWalk.Packets(ts.All));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_clock_runs_ahead_of_decoding_and_never_back(string fixture)
    {
        var packets = TsWalk.Packets(new SegmentedTs(fixtures.Mp4(fixture)).All);
        long clock = 0;
        foreach (var packet in packets)
        {
            if (packet.Clock is { } now)
            {
                now.ShouldBeGreaterThanOrEqualTo(clock);
                clock = now;
            }

            if (packet.Start && packet.Pid is 0x100 or 0x101 && packet.Payload.Length > 19)
            {
                clock.ShouldBeGreaterThan(0, "a clock comes before the first picture");
                clock.ShouldBeLessThan(packet.DecodeTicks());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Ffmpeg_decodes_the_joined_segments_and_each_alone_in_silence(string fixture)
    {
        var ts = new SegmentedTs(fixtures.Mp4(fixture));
        Ffmpeg.Run("-xerror -i", fixtures.Write(fixture + ".ts", ts.All), "-f", "null", "-");
        if (fixture == "open-gop")
        {
            return; // Alone, its leading pictures lack what they refer to; that is what open means.
        }

        for (var i = 0; i < ts.Segments.Count; i++)
        {
            Ffmpeg.Run("-xerror -i", fixtures.Write($"{fixture}-{i}.ts", ts.Segments[i].Bytes), "-f", "null", "-");
        }
    }

    [Theory]
    [InlineData("bframes")]
    [InlineData("with-aud")]
    [InlineData("still")]
    [InlineData("open-gop")]
    public void Pictures_keep_their_times_flags_and_bytes(string fixture)
    {
        var mp4 = fixtures.Mp4(fixture);
        var segmented = new SegmentedTs(mp4);
        var ts = fixtures.Write(fixture + "-v.ts", segmented.All);
        var wanted = segmented.Segments.SelectMany(static s => s.Samples).Where(static s => s.IsVideo)
            .Select(static s => $"{s.Pts},{s.Dts},{(s.IsSync ? 'K' : '_')}").ToList();
        Ffmpeg.Probe("-select_streams v -show_entries packet=pts,dts,flags -of csv=p=0", ts)
            .Select(static l => l.TrimEnd(',', '\r')[..^1]).ShouldBe(wanted);

        // Without delimiters and parameter sets, which differ by intent, NAL units are the same.
        Hashes(ts, "-map 0:v -c copy -bsf:v filter_units=remove_types=7-9")
            .ShouldBe(Hashes(mp4, "-map 0:v -c copy -bsf:v h264_mp4toannexb,filter_units=remove_types=7-9"));
        Hashes(ts, "-map 0:v -fps_mode passthrough").ShouldBe(Hashes(mp4, "-map 0:v -fps_mode passthrough"));
    }

    [Theory]
    [InlineData("bframes", "-bsf:a aac_adtstoasc")]
    [InlineData("still", "-bsf:a aac_adtstoasc")]
    [InlineData("audio-only", "-bsf:a aac_adtstoasc")]
    [InlineData("mp3", "")]
    [InlineData("mp3-low-rate", "")]
    public void Audio_keeps_its_times_and_bytes(string fixture, string filter)
    {
        var mp4 = fixtures.Mp4(fixture);
        var segmented = new SegmentedTs(mp4);
        var ts = fixtures.Write(fixture + "-a.ts", segmented.All);
        var wanted = segmented.Segments.SelectMany(static s => s.Samples).Where(static s => !s.IsVideo).Select(static s => s.Pts).ToList();
        var found = Ffmpeg.Probe("-select_streams a -show_entries packet=pts -of csv=p=0", ts)
            .Select(static l => long.Parse(l.Trim(',', '\r'), CultureInfo.InvariantCulture)).ToList();
        found.Count.ShouldBe(wanted.Count);
        found.Zip(wanted).Max(static p => Math.Abs(p.First - p.Second)).ShouldBeLessThanOrEqualTo(1);
        Hashes(ts, $"-map 0:a -c copy {filter}").ShouldBe(Hashes(mp4, "-map 0:a -c copy"));
    }

    [Fact]
    public void Two_byte_nal_lengths_become_start_codes()
    {
        var mp4 = Corpus.Movies().Single(static f => f.EndsWith("2_byte_NAL_length.mp4", StringComparison.Ordinal));
        var ts = fixtures.Write("two-byte.ts", new SegmentedTs(mp4, 0.5).All);
        Hashes(ts, "-map 0:v -fps_mode passthrough").ShouldBe(Hashes(mp4, "-map 0:v -fps_mode passthrough"));
    }

    [Theory]
    [InlineData("bframes")]
    [InlineData("with-aud")]
    public void Each_picture_begins_with_one_delimiter_and_each_sync_picture_has_parameter_sets(string fixture)
    {
        var packets = TsWalk.Packets(new SegmentedTs(fixtures.Mp4(fixture)).All).Where(static p => p.Pid == 0x100).ToList();
        foreach (var units in Pictures(packets))
        {
            units.Types[0].ShouldBe(9);
            units.Types.Count(static t => t == 9).ShouldBe(1);
            units.Types.Count(static t => t == 7).ShouldBe(units.RandomAccess ? 1 : 0);
            units.Types.Contains(5).ShouldBe(units.RandomAccess);
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_size_is_foretold_from_above_and_closely(string fixture)
    {
        var ts = new SegmentedTs(fixtures.Mp4(fixture));
        foreach (var segment in ts.Segments)
        {
            var video = segment.Samples.Where(static s => s.IsVideo).ToList();
            var audio = segment.Samples.Where(static s => !s.IsVideo).ToList();
            var most = TsSizing.MostBytes(
                ts.Program, video.Sum(static s => s.Bytes.Length), video.Count, video.Count(static s => s.IsSync),
                audio.Sum(static s => s.Bytes.Length), audio.Count,
                segment.Samples.Max(static s => s.Dts) - segment.Samples.Min(static s => s.Dts));
            most.ShouldBeGreaterThanOrEqualTo(segment.Bytes.Length);
            most.ShouldBeLessThan((long)(segment.Bytes.Length * 1.25) + 8000);
        }
    }

    private static IEnumerable<(List<int> Types, bool RandomAccess)> Pictures(List<TsWalk> packets)
    {
        for (var i = 0; i < packets.Count;)
        {
            var first = packets[i];
            var bytes = first.Payload.ToList();
            for (i++; i < packets.Count && !packets[i].Start; i++)
            {
                bytes.AddRange(packets[i].Payload);
            }

            var es = bytes.Skip(9 + bytes[8]).ToArray();
            var types = Enumerable.Range(0, es.Length - 4).Where(at => es.AsSpan(at, 4).SequenceEqual<byte>([0, 0, 0, 1])).Select(at => es[at + 4] & 0x1F);
            yield return ([.. types], first.RandomAccess);
        }
    }

    /// <summary>The hash of each packet or frame; edit lists, which the muxer's caller applies, are left aside.</summary>
    private static List<string> Hashes(string file, string options)
    {
        const int hashColumn = 5; // after stream, dts, pts, duration and size; columns of side data may follow
        var input = file.EndsWith(".mp4", StringComparison.Ordinal) ? "-ignore_editlist 1 -i" : "-i";
        return [.. Ffmpeg.Run(input, [file, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-f", "framemd5", "-"])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static l => l[0] != '#')
            .Select(static l => l.Split(',')[hashColumn].Trim())];
    }
}
