using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// Decides where segments begin. Video cuts at the first random-access point at least the target after the last cut;
/// audio follows the video's cuts, so that rendition boundaries agree, and divides what lies between them evenly
/// when it is longer than the target.
/// </summary>
public sealed class CutTable
{
    private readonly uint _timescale;
    private readonly long _target;
    private readonly long _slack;
    private readonly LeadingCuts _leader;
    private long? _end;
    private int _next;
    private long _last;
    private long? _limit;

    private CutTable(uint timescale, double targetSeconds, long start, LeadingCuts leader, long? end)
    {
        _timescale = timescale;
        _target = TargetTicks(timescale, targetSeconds);
        _slack = timescale / 2;
        _leader = leader;
        _end = end;
        _last = start;
    }

    /// <summary>A table for a track that leads: no boundaries are given.</summary>
    /// <param name="timescale">Ticks in a second.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="startTicks">Where the first segment begins.</param>
    public static CutTable Leading(uint timescale, double targetSeconds, long startTicks) =>
        new(timescale, targetSeconds, startTicks, LeadingCuts.None, long.MaxValue);

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
        Following(timescale, targetSeconds, startTicks, endTicks, LeadingCuts.Of(leader, leaderTimescale));

    /// <summary>A table for a track that follows cuts which may not all be known yet.</summary>
    /// <param name="timescale">Ticks in a second of this track.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="startTicks">Where this track's first segment begins.</param>
    /// <param name="endTicks">Where this track ends; null as long as nobody knows.</param>
    /// <param name="leader">Cuts of the other track.</param>
    internal static CutTable Following(uint timescale, double targetSeconds, long startTicks, long? endTicks, LeadingCuts leader) =>
        new(timescale, targetSeconds, startTicks, leader, endTicks);

    /// <summary>The target duration in ticks.</summary>
    internal static long TargetTicks(uint timescale, double targetSeconds) => Math.Max(1, (long)Math.Round(targetSeconds * timescale));

    /// <summary>It is known where the segment ends that begins at the last cut of a following track.</summary>
    internal bool IsSettled => (_limit ??= LimitFrom(_last)) is not null;

    /// <summary>Whether a segment may begin at a leading track's random-access point.</summary>
    /// <param name="startTicks">Its presentation time.</param>
    /// <param name="frameTicks">One frame's duration: containers that round times would else miss by a hair.</param>
    public bool IsDue(long startTicks, long frameTicks) => startTicks - _last >= _target - frameTicks;

    /// <summary>Whether a following track, whose every sample is a random-access point, begins a segment here.</summary>
    public bool FollowsHere(long startTicks) => IsSettled && startTicks >= _limit;

    /// <summary>Takes note of a cut at <paramref name="startTicks"/>.</summary>
    public void Cut(long startTicks)
    {
        _last = startTicks;
        _limit = null;
    }

    /// <summary>The following track's end has become known.</summary>
    internal void EndsAt(long endTicks)
    {
        _end = endTicks;
        _limit = null;
    }

    /// <summary>Where the segment that begins at <paramref name="start"/> ends; null as long as nobody knows.</summary>
    private long? LimitFrom(long start)
    {
        while (_next < _leader.Count && _leader.At(_next, _timescale) <= start)
        {
            _next++;
        }

        var isInside = _next < _leader.Count;
        if (!isInside && (!_leader.IsComplete || _end is null))
        {
            return null;
        }

        var boundary = isInside ? _leader.At(_next, _timescale) : _end!.Value;
        if (boundary == long.MaxValue)
        {
            return start + _target;
        }

        var length = boundary - start;
        if (length <= _target + _slack)
        {
            // Up to the boundary in one piece; at the track's own end there is nothing left to cut.
            return isInside ? boundary : long.MaxValue;
        }

        var pieces = (length - _slack + _target - 1) / _target; // None is longer than the target by more than the slack.
        return start + (length / pieces);
    }
}
