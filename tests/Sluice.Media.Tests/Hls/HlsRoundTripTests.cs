using System.Globalization;
using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Playlists of chance are written and read again; what was in between comes out as it went in.</summary>
public sealed class HlsRoundTripTests
{
    private static readonly string[] Noise = ["", "# a remark", "#EXT-X-NEW-TAG:A=1,B=\"x,y\"", "#EXT-X-DATERANGE:ID=\"1\"", "#EXT-X-BITRATE:12"];

    [Fact]
    public void Media_playlists_come_out_as_they_went_in()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var wanted = Make(random);

            var read = HlsPlaylistReader.TryRead(Write(wanted, random), out var problem).ShouldBeOfType<HlsMediaPlaylist>($"seed {seed}: {problem}");

            read.Segments.ShouldBe(wanted.Segments, $"seed {seed}");
            (read with { Segments = [], Remarks = [], Variables = wanted.Variables, Parts = wanted.Parts, PreloadHints = wanted.PreloadHints })
                .ShouldBe(wanted with { Segments = [], Remarks = [], Variables = wanted.Variables }, $"seed {seed}");
            read.Remarks.ShouldBeEmpty($"seed {seed}");
        }
    }

    [Fact]
    public void So_do_those_of_other_projects()
    {
        var count = 0;
        foreach (var file in Directory.GetFiles(RepositoryRoot.Corpus("m3u8"), "*.m3u8"))
        {
            if (HlsPlaylistReader.TryRead(File.ReadAllBytes(file), out _) is not HlsMediaPlaylist { SkippedSegments: 0 } wanted)
            {
                continue;
            }

            var read = HlsPlaylistReader.TryRead(Write(wanted, new Random(count++)), out var problem).ShouldBeOfType<HlsMediaPlaylist>($"{file}: {problem}");

            read.Segments.ShouldBe(wanted.Segments, file);
            (read.TargetDuration, read.MediaSequence, read.DiscontinuitySequence, read.IsEnded, read.Type, read.Start)
                .ShouldBe((wanted.TargetDuration, wanted.MediaSequence, wanted.DiscontinuitySequence, wanted.IsEnded, wanted.Type, wanted.Start), file);
        }

        count.ShouldBeGreaterThan(40);
    }

    private static HlsMediaPlaylist Make(Random random)
    {
        var (sequence, discontinuity, end) = (random.NextInt64(1L << 40), (long)random.Next(100), 0L);
        HlsKey? key = null;
        HlsMap? map = null;
        var segments = new List<HlsSegment>();
        var first = discontinuity;
        for (var count = random.Next(20); segments.Count < count;)
        {
            var isDiscontinuity = random.Next(5) == 0;
            discontinuity += isDiscontinuity ? 1 : 0;
            key = random.Next(4) == 0 ? Key(random) : key;
            map = random.Next(4) == 0
                ? new HlsMap(Uri(random), random.Next(2) == 0 ? null : new HlsByteRange(random.Next(1000), 1 + random.Next(1000)), key) : map;
            HlsByteRange? range = random.Next(3) == 0 ? new HlsByteRange(random.Next(2) == 0 ? end : random.NextInt64(1L << 45), 1 + random.Next()) : null;
            end = range?.End ?? 0;
            segments.Add(new HlsSegment
            {
                Uri = range is null ? Uri(random) : "one.ts",
                Sequence = sequence + segments.Count,
                DiscontinuitySequence = discontinuity,
                IsDiscontinuity = isDiscontinuity,
                Duration = TimeSpan.FromTicks(random.NextInt64(100_000_000)),
                IsGap = random.Next(9) == 0,
                Range = range,
                Key = key,
                Map = map,
                ProgramTime = random.Next(3) == 0 ? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)).AddMilliseconds(random.Next()) : null,
            });
        }

        return new HlsMediaPlaylist
        {
            Version = 1 + random.Next(12),
            IndependentSegments = random.Next(2) == 0,
            Start = random.Next(3) == 0 ? new HlsStart(TimeSpan.FromMilliseconds(random.Next(-9999, 9999)), random.Next(2) == 0) : null,
            TargetDuration = TimeSpan.FromSeconds(1 + random.Next(20)),
            MediaSequence = sequence,
            DiscontinuitySequence = first,
            Segments = segments,
            IsEnded = random.Next(2) == 0,
            Type = (HlsPlaylistType)random.Next(3),
        };
    }

    private static HlsKey? Key(Random random) => random.Next(3) == 0
        ? null
        : new HlsKey("AES-128", Uri(random), random.Next(2) == 0 ? null : new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()), "identity");

    private static string Uri(Random random) =>
        new[] { "a.ts", "https://example.com/b/ü?x=1,2&y={z}", "../c d.m4s", "%20;=" }[random.Next(4)] + random.Next(50);

    private static byte[] Write(HlsMediaPlaylist playlist, Random random)
    {
        var lines = new List<string>
        {
            $"#EXT-X-VERSION:{playlist.Version}", $"#EXT-X-TARGETDURATION:{Number(playlist.TargetDuration)}",
            $"#EXT-X-MEDIA-SEQUENCE:{playlist.MediaSequence}",
            $"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.DiscontinuitySequence}",
        };
        lines.AddRange(playlist.IndependentSegments ? ["#EXT-X-INDEPENDENT-SEGMENTS"] : []);
        lines.AddRange(playlist.Start is { } start ? [$"#EXT-X-START:PRECISE={(start.IsPrecise ? "YES" : "NO")},TIME-OFFSET={Number(start.Offset)}"] : []);
        lines.AddRange(playlist.Type != HlsPlaylistType.Sliding ? [$"#EXT-X-PLAYLIST-TYPE:{playlist.Type.ToString().ToUpperInvariant()}"] : []);
        lines.AddRange(playlist.IsEnded && random.Next(2) == 0 ? ["#EXT-X-ENDLIST"] : []);
        HlsSegment? before = null;
        foreach (var segment in playlist.Segments)
        {
            lines.AddRange(Tags(segment, before, random));
            lines.Add(segment.Uri);
            before = segment;
        }

        lines.AddRange(playlist.IsEnded ? ["#EXT-X-ENDLIST"] : []);
        var end = random.Next(2) == 0 ? "\n" : "\r\n";
        var text = new StringBuilder(random.Next(2) == 0 ? "" : "\uFEFF").Append("#EXTM3U").Append(end);
        foreach (var line in lines)
        {
            text.Append(line).Append(random.Next(5) == 0 ? " " : "").Append(end);
            text.Append(random.Next(4) == 0 ? Noise[random.Next(Noise.Length)] + end : "");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Key before map, for a map is encrypted as what follows the key; the rest in any order.</summary>
    private static IEnumerable<string> Tags(HlsSegment segment, HlsSegment? before, Random random)
    {
        var tags = new List<string> { $"#EXTINF:{Number(segment.Duration)},{(random.Next(2) == 0 ? "" : "a, b")}" };
        tags.AddRange(segment.IsDiscontinuity ? ["#EXT-X-DISCONTINUITY"] : []);
        tags.AddRange(segment.IsGap ? ["#EXT-X-GAP"] : []);
        tags.AddRange(segment.ProgramTime is { } time ? [$"#EXT-X-PROGRAM-DATE-TIME:{time:yyyy-MM-dd'T'HH:mm:ss.fffzzz}"] : []);
        if (segment.Range is { } range)
        {
            var follows = before is { Range: { } last } && before.Uri == segment.Uri && last.End == range.Offset;
            tags.Add($"#EXT-X-BYTERANGE:{range.Length}" + (follows ? "" : $"@{range.Offset}"));
        }

        var shuffled = tags.OrderBy(_ => random.Next()).ToList();
        if (segment.Map is { } map && !map.Equals(before?.Map))
        {
            shuffled.Insert(0, $"#EXT-X-MAP:URI=\"{map.Uri}\"" + (map.Range is { } part ? $",BYTERANGE=\"{part.Length}@{part.Offset}\"" : ""));
            shuffled.Insert(0, Tag(map.Key));
        }

        shuffled.Add(Tag(segment.Key));
        return shuffled;
    }

    private static string Tag(HlsKey? key) => key is null
        ? "#EXT-X-KEY:METHOD=NONE"
        : $"#EXT-X-KEY:METHOD={key.Method}, URI=\"{key.Uri}\"" + (key.Iv is { } iv ? $",IV=0x{iv:X32}" : "")
            + (key.Format == "identity" ? "" : $",KEYFORMAT=\"{key.Format}\"");

    private static string Number(TimeSpan time) => ((decimal)time.Ticks / TimeSpan.TicksPerSecond).ToString(CultureInfo.InvariantCulture);
}
