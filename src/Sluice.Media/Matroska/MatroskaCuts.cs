using Sluice.Media.Cmaf;

namespace Sluice.Media.Matroska;

/// <summary>One segment of a file, by the keyframe that it begins with.</summary>
/// <param name="StartTicks">Presentation time of the keyframe, in the file's ticks.</param>
/// <param name="EndTicks">That of the next segment's, or the end of the film.</param>
/// <param name="Offset">Where reading begins: the keyframe's cluster; for the first segment the first cluster.</param>
/// <param name="NextOffset">Cluster of the next segment's keyframe; the end of the file for the last.</param>
public readonly record struct MatroskaCut(long StartTicks, long EndTicks, long Offset, long NextOffset);

/// <summary>Where the segments of a file begin: at the first cue at least the target after the one before. Known before a frame is read.</summary>
public static class MatroskaCuts
{
    /// <summary>The segments, in order; empty when the file has no cues. Where they end, and their offsets, grow.</summary>
    /// <param name="movie">The file.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="fileBytes">Length of the file.</param>
    public static List<MatroskaCut> Of(MatroskaMovie movie, double targetSeconds, long fileBytes)
    {
        var starts = new List<MatroskaCue>();
        CutTable? table = null;
        foreach (var cue in movie.Cues)
        {
            if (table is null || table.IsDue(cue.Timestamp, frameTicks: 1) && cue.ClusterOffset >= starts[^1].ClusterOffset)
            {
                table ??= CutTable.Leading(movie.Timescale, targetSeconds, cue.Timestamp);
                table.Cut(cue.Timestamp);
                starts.Add(cue);
            }
        }

        // A short end of its own may have no sound at all: it is a part of the segment before.
        if (starts.Count > 1 && movie.DurationTicks > starts[^1].Timestamp && movie.DurationTicks - starts[^1].Timestamp < targetSeconds * movie.Timescale / 2)
        {
            starts.RemoveAt(starts.Count - 1);
        }

        var cuts = new List<MatroskaCut>(starts.Count);
        for (var i = 0; i < starts.Count; i++)
        {
            var isLast = i == starts.Count - 1;
            cuts.Add(new MatroskaCut(
                starts[i].Timestamp,
                isLast ? Math.Max(movie.DurationTicks, starts[i].Timestamp + 1) : starts[i + 1].Timestamp,
                i == 0 ? movie.FirstClusterOffset : starts[i].ClusterOffset,
                isLast ? fileBytes : starts[i + 1].ClusterOffset));
        }

        return cuts;
    }
}
