namespace Sluice.Media.Cmaf;

/// <summary>Where one segment lies on its track's presentation timeline.</summary>
/// <param name="StartTicks">Earliest presentation time, in the track's timescale, as in the media itself.</param>
/// <param name="DurationTicks">Exact length: the next segment's start minus this one's; never 0.</param>
public readonly record struct SegmentTiming(long StartTicks, long DurationTicks);
