using Sluice.Media.Cmaf;
using Sluice.Media.Manifests;

namespace Sluice.Media.Dash;

/// <summary>One CMAF track as an MPD names it.</summary>
public sealed record DashTrack
{
    /// <summary>What the track is.</summary>
    public required TrackSummary Summary { get; init; }

    /// <summary>Its segments, contiguous and in order; the same table that cuts the bytes. No start is negative.</summary>
    public required ReadOnlyMemory<SegmentTiming> Segments { get; init; }

    /// <summary>URIs of its files; the init segment is required.</summary>
    public required SegmentUris Uris { get; init; }

    /// <summary>The asset's time 0 on this track's timeline, in the track's ticks; not negative. What lies at this
    /// tick is presented when the Period starts (ISO/IEC 23009-1 section 5.3.9.2).</summary>
    public long PresentationTimeOffsetTicks { get; init; }
}
