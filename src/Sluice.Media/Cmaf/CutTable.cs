using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// Decides where segments begin. Video cuts at the first random-access point at least the target after the last cut;
/// audio follows the video's cuts, so that rendition boundaries agree, and divides what lies between them evenly
/// when it is longer than the target.
/// </summary>
public sealed class CutTable
{
    private readonly long _target;
    private readonly long _slack;
    private readonly long[] _boundaries;
    private readonly long _end;
    private int _next;
    private long _last;
    private long _limit;

    private CutTable(uint timescale, double targetSeconds, long start, long[] boundaries, long end)
    {
        _target = Math.Max(1, (long)Math.Round(targetSeconds * timescale));
        _slack = timescale / 2;
        _boundaries = boundaries;
        _end = end;
        _last = start;
        _limit = LimitFrom(start);
    }

    /// <summary>A table for a track that leads: no boundaries are given.</summary>
    /// <param name="timescale">Ticks in a second.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="startTicks">Where the first segment begins.</param>
    public static CutTable Leading(uint timescale, double targetSeconds, long startTicks) =>
        new(timescale, targetSeconds, startTicks, [], long.MaxValue);

    /// <summary>A table for a track that follows another's cuts.</summary>
    /// <param name="timescale">Ticks in a second of this track.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="startTicks">Where this track's first segment begins.</param>
    /// <param name="endTicks">Where this track ends.</param>
    /// <param name="leader">Segments of the other track.</param>
    /// <param name="leaderTimescale">Ticks in a second of the other track.</param>
    public static CutTable Following(
        uint timescale, double targetSeconds, long startTicks, long endTicks,
        IReadOnlyList<SegmentTiming> leader, uint leaderTimescale) =>
        new(timescale, targetSeconds, startTicks,
            [.. leader.Skip(1).Select(s => Ticks.Rescale(s.StartTicks, leaderTimescale, timescale)).Where(b => b > startTicks)],
            endTicks);

    /// <summary>Whether a segment may begin at a leading track's random-access point.</summary>
    /// <param name="startTicks">Its presentation time.</param>
    /// <param name="frameTicks">One frame's duration: containers that round times would else miss by a hair.</param>
    public bool IsDue(long startTicks, long frameTicks) => startTicks - _last >= _target - frameTicks;

    /// <summary>Whether a following track, whose every sample is a random-access point, begins a segment here.</summary>
    public bool FollowsHere(long startTicks) => startTicks >= _limit;

    /// <summary>Takes note of a cut at <paramref name="startTicks"/>.</summary>
    public void Cut(long startTicks)
    {
        _last = startTicks;
        while (_next < _boundaries.Length && _boundaries[_next] <= startTicks)
        {
            _next++;
        }

        _limit = LimitFrom(startTicks);
    }

    private long LimitFrom(long start)
    {
        var boundary = _next < _boundaries.Length ? _boundaries[_next] : _end;
        if (boundary == long.MaxValue)
        {
            return start + _target;
        }

        var length = boundary - start;
        if (length <= _target + _slack)
        {
            // Up to the boundary in one piece; at the track's own end there is nothing left to cut.
            return _next < _boundaries.Length ? boundary : long.MaxValue;
        }

        var pieces = (length - _slack + _target - 1) / _target; // None is longer than the target by more than the slack.
        return start + (length / pieces);
    }
}
