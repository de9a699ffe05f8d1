using System.Buffers;
using System.Globalization;
using System.Text;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Tests.Manifests;

/// <summary>Tracks and timings as a film would have them, to be varied with <c>with</c>.</summary>
internal static class Sample
{
    public static readonly SegmentTiming[] VideoTimings = Timings(90_000, 540_540, 540_540, 540_540, 258_258);
    public static readonly SegmentTiming[] AudioTimings = Timings(48_000, 288_768, 287_744, 288_768, 134_144);

    public static TrackSummary Video => new()
    {
        Id = "v0",
        Kind = TrackKind.Video,
        Codecs = "avc1.640028",
        Timescale = 90_000,
        SegmentCount = VideoTimings.Length,
        StartTicks = 90_000,
        EndTicks = 90_000 + 1_879_878,
        LongestSegmentTicks = 540_540,
        PeakBitsPerSecond = 6_200_000,
        AverageBitsPerSecond = 4_100_000,
        IndependentSegments = true,
        CodedWidth = 1440,
        CodedHeight = 1080,
        DisplayWidth = 1920,
        DisplayHeight = 1080,
        SampleAspectRatio = new Rational(8, 6),
        FrameRate = new Rational(60_000, 2_002),
        VideoRange = "SDR",
    };

    public static TrackSummary Audio => new()
    {
        Id = "a0",
        Kind = TrackKind.Audio,
        Codecs = "mp4a.40.2",
        Timescale = 48_000,
        SegmentCount = AudioTimings.Length,
        StartTicks = 48_000,
        EndTicks = 48_000 + 999_424,
        LongestSegmentTicks = 288_768,
        PeakBitsPerSecond = 160_000,
        AverageBitsPerSecond = 128_000,
        Language = "en",
        IndependentSegments = true,
        ChannelCount = 2,
        SampleRate = 48_000,
    };

    /// <summary>One by default, one without anything, two of the same language, one forced, two that want to be the default, one hostile.</summary>
    public static IReadOnlyList<SubtitleTrack> Subtitles { get; } =
    [
        new() { Id = "s0", Uri = "0a1b/s0/file", Language = "en", IsDefault = true },
        new() { Id = "s1", Uri = "0a1b/s1/file", Language = "de" },
        new() { Id = "s2", Uri = "0a1b/s2/file" },
        new() { Id = "s3", Uri = "0a1b/s3/file", Language = "de", Name = "German", IsDefault = true },
        new() { Id = "s4", Uri = "0a1b/s4/file", Language = "de", Name = "Erzwungen", IsForced = true },
        new() { Id = "s5", Uri = "0a1b/s5/file", Language = "x\"y", Name = "<b>\"&\r\n#EXT" },
    ];

    public static SegmentTiming[] Timings(long start, params long[] durations)
    {
        var timings = new SegmentTiming[durations.Length];
        for (var i = 0; i < durations.Length; i++)
        {
            timings[i] = new SegmentTiming(start, durations[i]);
            start += durations[i];
        }

        return timings;
    }

    /// <summary>Runs under a culture that writes 29,970 for 29.970, as most of Europe does.</summary>
    public static T WithDecimalComma<T>(Func<T> make)
    {
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    public static string Text(this ManifestTemplate template, string query = "")
    {
        var output = new ArrayBufferWriter<byte>();
        template.Render(Encoding.ASCII.GetBytes(query), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
