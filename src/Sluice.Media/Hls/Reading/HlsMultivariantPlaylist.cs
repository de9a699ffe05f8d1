namespace Sluice.Media.Hls;

/// <summary>A multivariant playlist (RFC 8216 section 4.3.4): the same presentation in several versions.</summary>
public sealed record HlsMultivariantPlaylist : HlsPlaylist
{
    /// <summary>EXT-X-STREAM-INF, in order.</summary>
    public required IReadOnlyList<HlsVariant> Variants { get; init; }

    /// <summary>EXT-X-MEDIA of audio and video, in order.</summary>
    public required IReadOnlyList<HlsRendition> Renditions { get; init; }

    /// <summary>EXT-X-I-FRAME-STREAM-INF: single pictures, which are for seeking and no version of the presentation.</summary>
    public int IFrameVariants { get; init; }

    /// <summary>EXT-X-SESSION-KEY that cannot be used, so that nothing in here may be playable; null when there is none.</summary>
    public string? SessionKeyProblem { get; init; }
}

/// <summary>A variant stream (section 4.3.4.2).</summary>
public sealed record HlsVariant
{
    /// <summary>Where its media playlist is.</summary>
    public required string Uri { get; init; }

    /// <summary>BANDWIDTH, peak bits per second; 0 when it is not said.</summary>
    public long PeakBitsPerSecond { get; init; }

    /// <summary>AVERAGE-BANDWIDTH; 0 when it is not said.</summary>
    public long AverageBitsPerSecond { get; init; }

    /// <summary>CODECS, each apart; empty when they are not said.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = [];

    /// <summary>RESOLUTION, pixels across; 0 when it is not said.</summary>
    public int Width { get; init; }

    /// <summary>RESOLUTION, lines; 0 when it is not said.</summary>
    public int Height { get; init; }

    /// <summary>FRAME-RATE; 0 when it is not said.</summary>
    public decimal FrameRate { get; init; }

    /// <summary>VIDEO-RANGE (8216bis section 4.4.6.2): SDR when it is not said.</summary>
    public string VideoRange { get; init; } = "SDR";

    /// <summary>GROUP-ID of its audio renditions; null when its audio is its own.</summary>
    public string? AudioGroup { get; init; }

    /// <summary>STABLE-VARIANT-ID; null when it has none.</summary>
    public string? StableId { get; init; }

    /// <summary>PATHWAY-ID of content steering; null when it has none.</summary>
    public string? Pathway { get; init; }

    /// <summary>True when its codecs say that there is no picture in it.</summary>
    public bool IsAudioOnly => Height == 0 && Codecs.Count > 0 && !Codecs.Any(HlsCodecs.IsVideo);

    /// <summary>Whether both are the same version, at two places (section 6.2.4.1).</summary>
    public bool IsRedundantTo(HlsVariant other) => (StableId is not null && StableId == other.StableId)
        || (PeakBitsPerSecond == other.PeakBitsPerSecond && AverageBitsPerSecond == other.AverageBitsPerSecond
            && Width == other.Width && Height == other.Height && FrameRate == other.FrameRate && VideoRange == other.VideoRange
            && Codecs.SequenceEqual(other.Codecs, StringComparer.Ordinal));
}

/// <summary>EXT-X-MEDIA (section 4.3.4.1): a choice of its own beside the variants.</summary>
public sealed record HlsRendition
{
    /// <summary>True for TYPE=AUDIO, false for VIDEO.</summary>
    public required bool IsAudio { get; init; }

    /// <summary>GROUP-ID.</summary>
    public required string Group { get; init; }

    /// <summary>NAME.</summary>
    public required string Name { get; init; }

    /// <summary>Where its media playlist is; null when it is in the variants that name it.</summary>
    public string? Uri { get; init; }

    /// <summary>LANGUAGE, RFC 5646; null when it is not said.</summary>
    public string? Language { get; init; }

    /// <summary>DEFAULT.</summary>
    public bool IsDefault { get; init; }

    /// <summary>AUTOSELECT.</summary>
    public bool AutoSelect { get; init; }
}
