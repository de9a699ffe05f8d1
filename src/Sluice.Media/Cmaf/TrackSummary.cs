using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>All that a manifest says of one CMAF track; read from the head of its <c>TrackIndex</c>.</summary>
public sealed record TrackSummary
{
    /// <summary>Name in URLs: <c>v0</c>, <c>a0</c>, <c>a1</c>…</summary>
    public required string Id { get; init; }

    /// <summary>Video or audio.</summary>
    public required TrackKind Kind { get; init; }

    /// <summary>RFC 6381 codec string, e.g. <c>avc1.64001F</c>.</summary>
    public required string Codecs { get; init; }

    /// <summary>Ticks in a second of this track's media.</summary>
    public required uint Timescale { get; init; }

    /// <summary>Number of segments; they are numbered from 1.</summary>
    public required int SegmentCount { get; init; }

    /// <summary>Earliest presented time in ticks (first sample after the edit list).</summary>
    public required long StartTicks { get; init; }

    /// <summary>End of the last sample in ticks.</summary>
    public required long EndTicks { get; init; }

    /// <summary>Longest segment in ticks.</summary>
    public required long LongestSegmentTicks { get; init; }

    /// <summary>Largest bit rate of any run of segments of 0.5 to 1.5 target durations (RFC 8216 section 4.3.4.2).</summary>
    public required long PeakBitsPerSecond { get; init; }

    /// <summary>All bytes of all segments over the whole duration.</summary>
    public required long AverageBitsPerSecond { get; init; }

    /// <summary>BCP 47 language tag, or null when the file does not say.</summary>
    public string? Language { get; init; }

    /// <summary>Name that the file gives the track, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The file marks the track as the one to play by default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Id of a rendition of the same sound in another encoding, in whose place this one may be played; null for a sound of its own.</summary>
    public string? AlternativeOf { get; init; }

    /// <summary>Every segment starts at an IDR (or the codec's like) and can be decoded alone.</summary>
    public bool IndependentSegments { get; init; }

    /// <summary>Coded size in luma samples; 0 for audio.</summary>
    public int CodedWidth { get; init; }

    /// <summary>Coded size in luma samples; 0 for audio.</summary>
    public int CodedHeight { get; init; }

    /// <summary>Size as shown: sample aspect ratio and rotation applied; 0 for audio.</summary>
    public int DisplayWidth { get; init; }

    /// <summary>Size as shown: sample aspect ratio and rotation applied; 0 for audio.</summary>
    public int DisplayHeight { get; init; }

    /// <summary>Sample (pixel) aspect ratio; 1/1 when square or not said.</summary>
    public Rational SampleAspectRatio { get; init; } = new(1, 1);

    /// <summary>Frames in a second, averaged over the title; null for audio.</summary>
    public Rational? FrameRate { get; init; }

    /// <summary><c>SDR</c>, <c>PQ</c> or <c>HLG</c> (RFC 8216bis VIDEO-RANGE); null for audio.</summary>
    public string? VideoRange { get; init; }

    /// <summary>Channels; 0 for video.</summary>
    public int ChannelCount { get; init; }

    /// <summary>Samples in a second after decoding; 0 for video.</summary>
    public int SampleRate { get; init; }
}
