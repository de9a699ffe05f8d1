using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.Cmaf;

/// <summary>
/// What an edit list (ISO/IEC 14496-12 section 8.6.6) does to one track, reduced to a shift and two bounds. Media
/// Source Extensions ignore edit lists, so the shift is baked into the timestamps that we write.
/// </summary>
/// <param name="StartTicks">Media time at which presentation starts, in the track's timescale.</param>
/// <param name="EndTicks">Media time at which it ends; <see cref="long.MaxValue"/> when the list does not say.</param>
/// <param name="DelayTicks">Presentation time of <paramref name="StartTicks"/>: the length of leading empty edits.</param>
public readonly record struct TrackTimeline(long StartTicks, long EndTicks, long DelayTicks)
{
    private const int NormalRate = 0x10000;

    /// <summary>The timeline of a track without an edit list.</summary>
    public static TrackTimeline Plain => new(long.MinValue, long.MaxValue, 0);

    /// <summary>There is an edit list with a media edit.</summary>
    public bool HasStart => StartTicks != long.MinValue;

    /// <summary>Presentation time of a media time.</summary>
    public long ToPresentation(long mediaTicks) => HasStart ? mediaTicks - StartTicks + DelayTicks : mediaTicks + DelayTicks;

    /// <summary>Reduces an edit list.</summary>
    /// <param name="edits">The entries, or null when the track has none.</param>
    /// <param name="movieTimescale">Ticks in a second of entry durations.</param>
    /// <param name="trackTimescale">Ticks in a second of media times; more than 0.</param>
    /// <param name="problem">Why the list cannot be honoured without encoding, in words for a person, or null.</param>
    public static TrackTimeline From(
        IReadOnlyList<EditEntry>? edits, uint movieTimescale, uint trackTimescale, out string? problem)
    {
        problem = null;
        if (edits is null || edits.Count == 0)
        {
            return Plain;
        }

        if (movieTimescale == 0)
        {
            problem = "its edit list cannot be read: the movie's timescale is zero";
            return Plain;
        }

        long delay = 0;
        long? start = null, end = null;
        foreach (var edit in edits)
        {
            var length = Ticks.Rescale((long)Math.Min(edit.DurationTicks, long.MaxValue), movieTimescale, trackTimescale);
            if (edit.IsEmpty)
            {
                // An empty edit after the last media edit shows nothing more; one before delays the start.
                delay = start is null ? Math.Min(delay, long.MaxValue - length) + length : delay;
                continue;
            }

            if (edit.MediaTime < 0 || edit.Rate != NormalRate)
            {
                problem = edit.MediaTime < 0 ? "its edit list is damaged" : "its edit list changes the playback speed";
                return Plain;
            }

            // Both are at least 0, so that their distance cannot overflow.
            var continues = end is { } e && Math.Abs(edit.MediaTime - e) <= Math.Max(1, trackTimescale / movieTimescale);
            if (start is not null && !continues)
            {
                problem = $"its edit list joins {edits.Count(x => !x.IsEmpty)} separate pieces of the track";
                return Plain;
            }

            start ??= edit.MediaTime;
            // A duration of 0, or of all ones (as some writers say "unknown"), is "to the end".
            end = edit.DurationTicks == 0 || length > long.MaxValue - edit.MediaTime ? null : edit.MediaTime + length;
        }

        return start is { } from
            ? new TrackTimeline(from, end ?? long.MaxValue, delay)
            : new TrackTimeline(long.MinValue, long.MaxValue, delay);
    }
}
