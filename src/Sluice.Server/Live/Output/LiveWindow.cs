namespace Sluice.Server.Live.Output;

/// <summary>
/// Which segments of a log a playlist lists.
/// <code>
///   tail                                                         position
///    │ gone from the list, still to be had │ listed              │ open │
///    └────────── as long as what is listed ┴─────────────────────┴──────┘   all of it: the log's budget
/// </code>
/// A segment stays to be had for its own length and the playlist's after it was listed last (RFC 8216 section 6.2.2), so that a player that has an
/// old list gets what stands in it. Where the budget does not give that much, three segments are listed and the rest is as long as it can be.
/// </summary>
internal static class LiveWindow
{
    /// <summary>Players begin three segments before the end (RFC 8216 section 6.3.3), and none is taken off the list before three target durations
    /// are left (section 6.2.2).</summary>
    public const int FewestSegments = 3;

    /// <summary>Of what the log holds, the part that goes next. It is not listed even if little else is.</summary>
    private const int MarginPart = 8;

    /// <summary>The segment that came last, or comes now, is too large to be held: the log has lost its beginning before its end was there.</summary>
    public static bool IsTooSmall(LiveTrack track) => track.Log.Index.Segments is [.., var last] && last.Position < track.Log.Tail;

    /// <summary>Whole segments, all of which are there; null when there are too few yet. When the log is too small for so many, as
    /// many as there are.</summary>
    /// <param name="track">Of what.</param>
    /// <param name="target">Target duration.</param>
    public static ReadOnlyMemory<LogSegment>? Of(LiveTrack track, TimeSpan target)
    {
        var log = track.Log;
        var tail = log.Tail;
        var all = log.Index.Segments;
        var first = 0;
        while (first < all.Length && (all[first].Position < tail || all[first].Number < track.From))
        {
            first++;
        }

        var end = all is [.., { End: null }] ? all.Length - 1 : all.Length;
        first = Math.Max(first, FirstListed(all.AsSpan(0, end), log, target));
        var margin = tail == 0 ? 0 : (log.Position - tail) / MarginPart;
        while (end - first > FewestSegments && all[first].Position < tail + margin)
        {
            first++;
        }

        // Who changes over from another track is playing already.
        var isWarming = tail == 0 && track.From == 0 && !log.IsComplete && end - first < FewestSegments;
        if (isWarming || end <= first)
        {
            return null;
        }

        return all.AsMemory(first, end - first);
    }

    /// <summary>The first that the budget leaves room for to be had long enough afterwards, or that a playlist needs. It never goes back.</summary>
    private static int FirstListed(ReadOnlySpan<LogSegment> whole, ChunkLog log, TimeSpan target)
    {
        var (first, length) = (whole.Length, TimeSpan.Zero);
        while (first > 0)
        {
            var next = whole[first - 1];

            // What was written since the list begins, once for the list and once for after it, and the segment itself.
            var needed = (2 * (log.Position - next.Position)) + (next.End - next.Position);
            if (needed > log.FullBytes && whole.Length - first >= FewestSegments && length >= FewestSegments * target)
            {
                break;
            }

            (first, length) = (first - 1, length + next.Duration);
        }

        return first;
    }
}
