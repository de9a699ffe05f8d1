using Sluice.Media.Cmaf;

namespace Sluice.Server.Deliver;

/// <summary>Where the segments of a track come from whose index says only when they are.</summary>
internal interface ISegmentSource
{
    /// <summary>Opens a segment, which may be made first.</summary>
    /// <exception cref="ChunkAbsentException">It is not there in time, or will never be.</exception>
    ValueTask<StoredSegment> OpenAsync(StoredTrack track, int number, SegmentTiming timing, CancellationToken ct);
}
