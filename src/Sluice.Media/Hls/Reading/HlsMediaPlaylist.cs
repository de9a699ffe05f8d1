namespace Sluice.Media.Hls;

/// <summary>EXT-X-PLAYLIST-TYPE (RFC 8216 section 4.3.3.5).</summary>
public enum HlsPlaylistType
{
    /// <summary>Not said: segments come and go.</summary>
    Sliding,

    /// <summary>Segments come and stay.</summary>
    Event,

    /// <summary>Nothing changes any more.</summary>
    Vod,
}

/// <summary>A media playlist (RFC 8216 section 4.3.3): the segments of one rendition.</summary>
public sealed record HlsMediaPlaylist : HlsPlaylist
{
    /// <summary>EXT-X-TARGETDURATION; when it is missing or absurd, the longest segment, rounded up.</summary>
    public required TimeSpan TargetDuration { get; init; }

    /// <summary>EXT-X-MEDIA-SEQUENCE: number of the first segment, skipped or not.</summary>
    public long MediaSequence { get; init; }

    /// <summary>EXT-X-DISCONTINUITY-SEQUENCE.</summary>
    public long DiscontinuitySequence { get; init; }

    /// <summary>EXT-X-SKIP: segments at the front that a delta update leaves out (8216bis section 4.4.5.2).</summary>
    public int SkippedSegments { get; init; }

    /// <summary>In order, numbered without a hole.</summary>
    public required IReadOnlyList<HlsSegment> Segments { get; init; }

    /// <summary>EXT-X-ENDLIST: no more segments will come. A live channel may say so by mistake.</summary>
    public bool IsEnded { get; init; }

    /// <summary>EXT-X-PLAYLIST-TYPE.</summary>
    public HlsPlaylistType Type { get; init; }

    /// <summary>EXT-X-I-FRAMES-ONLY: each segment is one picture.</summary>
    public bool IFramesOnly { get; init; }

    /// <summary>EXT-X-SERVER-CONTROL.</summary>
    public HlsServerControl? ServerControl { get; init; }

    /// <summary>PART-TARGET of EXT-X-PART-INF; null when there are no partial segments.</summary>
    public TimeSpan? PartTarget { get; init; }

    /// <summary>EXT-X-PART, in order.</summary>
    public IReadOnlyList<HlsPart> Parts { get; init; } = [];

    /// <summary>EXT-X-PRELOAD-HINT, in order.</summary>
    public IReadOnlyList<HlsPreloadHint> PreloadHints { get; init; } = [];

    /// <summary>Number that the next segment to come will have.</summary>
    public long NextSequence => MediaSequence + SkippedSegments + Segments.Count;

    /// <summary>How far from its end a client starts to play (section 6.3.3, 8216bis section 4.4.3.8).</summary>
    public TimeSpan HoldBack => ServerControl?.HoldBack ?? 3 * TargetDuration;
}

/// <summary>EXT-X-SERVER-CONTROL (8216bis section 4.4.3.8).</summary>
/// <param name="CanBlockReload">A reload waits for news when it is asked to.</param>
/// <param name="HoldBack">Least distance to the end; null when that is three target durations.</param>
/// <param name="PartHoldBack">The same for clients that play parts.</param>
/// <param name="CanSkipUntil">How far from the end segments may be skipped in a delta update; null when they may not.</param>
public sealed record HlsServerControl(bool CanBlockReload, TimeSpan? HoldBack, TimeSpan? PartHoldBack, TimeSpan? CanSkipUntil);
