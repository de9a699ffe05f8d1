namespace Sluice.Media.Hls;

/// <summary>A media segment with all that applies to it (RFC 8216 section 4.3.2).</summary>
public sealed record HlsSegment
{
    /// <summary>Where it is.</summary>
    public required string Uri { get; init; }

    /// <summary>Media sequence number.</summary>
    public long Sequence { get; internal set; }

    /// <summary>EXTINF; the target duration when that is missing or unreadable.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>Discontinuity sequence number (section 6.2.1).</summary>
    public long DiscontinuitySequence { get; internal set; }

    /// <summary>EXT-X-DISCONTINUITY: what was before says nothing about this.</summary>
    public bool IsDiscontinuity { get; init; }

    /// <summary>EXT-X-GAP: it does not exist and is not to be fetched (8216bis section 4.4.4.7).</summary>
    public bool IsGap { get; init; }

    /// <summary>EXT-X-BYTERANGE; null for the whole resource.</summary>
    public HlsByteRange? Range { get; init; }

    /// <summary>EXT-X-KEY; null when it is not encrypted.</summary>
    public HlsKey? Key { get; init; }

    /// <summary>EXT-X-MAP: what has to be read before it; null when there is nothing.</summary>
    public HlsMap? Map { get; init; }

    /// <summary>EXT-X-PROGRAM-DATE-TIME, where it is written; null elsewhere.</summary>
    public DateTimeOffset? ProgramTime { get; init; }
}

/// <summary>Part of a resource.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes; more than 0.</param>
public readonly record struct HlsByteRange(long Offset, long Length)
{
    /// <summary>First byte after it.</summary>
    public long End => Offset + Length;
}

/// <summary>EXT-X-MAP (section 4.3.2.5). Two that are equal are the same bytes and need not be fetched again.</summary>
/// <param name="Uri">Where it is.</param>
/// <param name="Range">Part of that; null for all of it.</param>
/// <param name="Key">How it is encrypted; null when it is not.</param>
public sealed record HlsMap(string Uri, HlsByteRange? Range, HlsKey? Key);

/// <summary>EXT-X-PART (8216bis section 4.4.4.9).</summary>
/// <param name="Sequence">Number of the segment that it is a part of.</param>
/// <param name="Uri">Where it is.</param>
/// <param name="Range">Part of that; null for all of it.</param>
/// <param name="Duration">Its length.</param>
/// <param name="IsIndependent">It begins with a picture that needs no other.</param>
/// <param name="IsGap">It does not exist.</param>
public sealed record HlsPart(long Sequence, string Uri, HlsByteRange? Range, TimeSpan Duration, bool IsIndependent, bool IsGap);

/// <summary>EXT-X-PRELOAD-HINT (8216bis section 4.4.5.3).</summary>
/// <param name="IsMap">It is a map that comes, not a part.</param>
/// <param name="Uri">Where it will be.</param>
/// <param name="Start">First byte of that.</param>
/// <param name="Length">Bytes; null up to the end.</param>
public sealed record HlsPreloadHint(bool IsMap, string Uri, long Start, long? Length);
