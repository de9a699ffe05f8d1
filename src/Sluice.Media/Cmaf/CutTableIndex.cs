using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>
/// Writes the index of a rendition that is yet to be encoded: where every segment will lie in time, and nothing of its
/// bytes (<see cref="SegmentEntry.HeadBytes"/> and <see cref="SegmentEntry.ExtentCount"/> are 0). Manifests are made from
/// it as from any other. <see cref="ChunkGather"/> makes the complete index of it.
/// </summary>
public static class CutTableIndex
{
    /// <summary>Writes the whole index.</summary>
    /// <param name="sink">Takes it.</param>
    /// <param name="timings">Where the segments will lie, in order, each touching the next; at least one.</param>
    /// <param name="init">The init segment.</param>
    /// <param name="summary">What manifests will say. Its bit rates are a promise until there are sizes; the number of segments, the
    /// longest and the end are taken from <paramref name="timings"/>.</param>
    /// <returns>The summary as it was written.</returns>
    /// <exception cref="ArgumentException">The timings leave a gap, overlap, or one is empty.</exception>
    public static TrackSummary Write(
        IByteSink sink, IReadOnlyList<SegmentTiming> timings, ReadOnlySpan<byte> init, TrackSummary summary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(timings.Count, nameof(timings));
        var index = new TrackIndexWriter(sink);
        var end = timings[0].StartTicks;
        foreach (var timing in timings)
        {
            if (timing.StartTicks != end || timing.DurationTicks <= 0)
            {
                throw new ArgumentException($"The segment at {timing.StartTicks} does not follow the one before, which ends at {end}.", nameof(timings));
            }

            end += timing.DurationTicks;
            index.Append(timing, [], [], 0);
        }

        summary = summary with
        {
            SegmentCount = timings.Count,
            EndTicks = end,
            LongestSegmentTicks = timings.Max(static t => t.DurationTicks),
        };
        index.Finish(init, summary);
        return summary;
    }
}
