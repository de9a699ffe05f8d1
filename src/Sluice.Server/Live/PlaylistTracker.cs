using Sluice.Media.Hls;

namespace Sluice.Server.Live;

/// <summary>
/// Says of each load of a live playlist what is new in it (RFC 8216 section 6.3.4), and keeps its head when the other side does not:
/// <code>
///   sequence   as expected      ▶ what is new
///              jumps ahead      ▶ what is newest, after a break
///              back, overlapping▶ an edge that lags behind: nothing, for a while
///              back, all else   ▶ the upstream began anew: from its start, after a break
///   ENDLIST    of a live one    ▶ believed when the next load says so too
/// </code>
/// No clock, no network.
/// </summary>
internal sealed class PlaylistTracker
{
    /// <summary>Loads of half a target duration that an edge may lag; three target durations, which is what clients stay behind the end.</summary>
    private const int MostLags = 6;

    /// <summary>Target durations, and seconds at least, behind the end of a playlist that grows: who begins or goes on there gets what is older at the speed of
    /// the line, which is more than a log holds and viewers can take.</summary>
    private const int MostTargetsBehind = 6;
    private static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ShortestTarget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTarget = TimeSpan.FromSeconds(60);

    private readonly Dictionary<long, string> _window = [];
    private long? _next;
    private bool _breaks;
    private bool _wasEnded;
    private bool _isParted;
    private bool _isElsewhere;
    private int _lags;

    /// <summary>What was counted so far.</summary>
    public TrackerCounts Counts { get; private set; }

    /// <summary>It was complete when it was first seen: a film, no channel.</summary>
    public bool IsFilm { get; private set; }

    /// <summary>What comes next does not go on where the last one ended.</summary>
    public void Break() => _breaks = true;

    /// <summary>Something else was shown meanwhile: the channel goes on where it is now, not where it was left. What had ended is not shown again.</summary>
    public void Part() => (_isParted, _breaks) = (true, true);

    /// <summary>The next load comes from another place that says it has the same.</summary>
    public void Turn() => _isElsewhere = true;

    /// <summary>Not all that was handed out was delivered, perhaps.</summary>
    /// <param name="next">The first segment that was not begun; null when none had been handed out.</param>
    /// <param name="isWhole">The one before it came whole.</param>
    public void Return(long? next, bool isWhole)
    {
        if (next is not null && (next != _next || !isWhole))
        {
            (_next, _breaks) = (next, true);
        }
    }

    /// <summary>A target duration to reckon with, whatever an upstream says: some write milliseconds.</summary>
    public static TimeSpan Bounded(TimeSpan target) => TimeSpan.FromTicks(Math.Clamp(target.Ticks, ShortestTarget.Ticks, LongestTarget.Ticks));

    /// <summary>Takes what was loaded.</summary>
    public PlaylistNews Take(HlsMediaPlaylist playlist)
    {
        var target = Bounded(playlist.TargetDuration);
        var isFirst = _next is null;
        IsFilm = playlist.IsEnded && (isFirst || IsFilm);
        var from = _next is { } next ? GoOn(playlist, next) : StartOf(playlist);
        (_isParted, _isElsewhere) = (false, false);
        var segments = from is { } first ? Pick(playlist, first) : [];

        // What is complete when it is first seen is no live channel, and nothing that could be wrong about its end.
        var isOver = playlist.IsEnded && segments.Count == 0 && (isFirst || _wasEnded);
        _wasEnded = playlist.IsEnded && (isFirst || segments.Count == 0);
        return new PlaylistNews(segments, segments.Count > 0 && !playlist.IsEnded ? target : target / 2, isOver);
    }

    private long? GoOn(HlsMediaPlaylist playlist, long next)
    {
        if (_isParted && !(playlist.IsEnded && playlist.NextSequence <= next))
        {
            return IsFilm ? Math.Max(next, playlist.MediaSequence) : StartOf(playlist);
        }

        if (_isElsewhere && !Overlaps(playlist, NameOf))
        {
            _breaks = true;
            return playlist.MediaSequence <= next && next <= playlist.NextSequence ? next : StartOf(playlist);
        }

        return Continue(playlist, next);
    }

    /// <summary>The first segment that is wanted; null for none.</summary>
    private long? Continue(HlsMediaPlaylist playlist, long next)
    {
        var listed = playlist.MediaSequence + playlist.SkippedSegments;
        if (playlist.NextSequence >= next)
        {
            _lags = 0;
            if (listed <= next && !IsFarBehind(playlist, next))
            {
                return next;
            }

            // Of a long playlist only the end, also when it still has what was missed: who has missed something is not to lag behind for ever.
            var newest = StartOf(playlist) ?? listed;
            Counts = Counts with { Missed = Counts.Missed + newest - next };
            _breaks = true;
            return newest;
        }

        if ((playlist.Segments.Count == 0 || Overlaps(playlist, PathOf)) && ++_lags <= MostLags)
        {
            Counts = Counts with { Lags = Counts.Lags + 1 };
            return null;
        }

        (_lags, _breaks) = (0, true);
        Counts = Counts with { Resets = Counts.Resets + 1 };
        return StartOf(playlist);
    }

    private bool Overlaps(HlsMediaPlaylist playlist, Func<string, string> nameOf) =>
        playlist.Segments.Any(s => _window.TryGetValue(s.Sequence, out var path) && nameOf(path) == nameOf(s.Uri));

    /// <summary>Where a client begins (section 6.3.3): as EXT-X-START says, else at the front of what is complete, else so far from the
    /// end that it does not run out. Of what grows, near the end in any case.</summary>
    private static long? StartOf(HlsMediaPlaylist playlist)
    {
        var segments = playlist.Segments;
        if (segments.Count == 0)
        {
            return playlist.IsEnded ? playlist.NextSequence : null;
        }

        var total = segments.Aggregate(TimeSpan.Zero, static (sum, s) => sum + s.Duration);
        var at = playlist switch
        {
            { Start: { Offset: var offset } } when offset >= TimeSpan.Zero => offset,
            { Start: { Offset: var offset } } => total + offset,
            { IsEnded: true } => TimeSpan.Zero,
            _ => total - playlist.HoldBack,
        };
        at = playlist.IsEnded || at > total - Farthest(playlist) ? at : total - Farthest(playlist);
        var passed = TimeSpan.Zero;
        foreach (var segment in segments)
        {
            passed += segment.Duration;
            if (passed > at)
            {
                return segment.Sequence;
            }
        }

        return segments[^1].Sequence;
    }

    private static bool IsFarBehind(HlsMediaPlaylist playlist, long next) => !playlist.IsEnded
        && playlist.Segments.Where(s => s.Sequence >= next).Aggregate(TimeSpan.Zero, static (sum, s) => sum + s.Duration) > Farthest(playlist);

    private static TimeSpan Farthest(HlsMediaPlaylist playlist)
    {
        var behind = MostTargetsBehind * Bounded(playlist.TargetDuration);
        return behind > MostBehind ? behind : MostBehind;
    }

    private List<UpstreamSegment> Pick(HlsMediaPlaylist playlist, long first)
    {
        var picked = new List<UpstreamSegment>();
        _window.Clear();
        foreach (var segment in playlist.Segments)
        {
            _window[segment.Sequence] = PathOf(segment.Uri);
            if (segment.Sequence < first)
            {
                continue;
            }

            _breaks |= segment.IsDiscontinuity || segment.IsGap;
            if (segment.IsGap)
            {
                Counts = Counts with { Gaps = Counts.Gaps + 1 };
                continue;
            }

            picked.Add(new UpstreamSegment(segment, _breaks));
            _breaks = false;
        }

        _next = playlist.NextSequence;
        return picked;
    }

    /// <summary>Without the query, which carries a token that changes.</summary>
    private static string PathOf(string uri) => uri.Split('?', 2)[0];

    /// <summary>The last part of the path: other places have the same under other folders.</summary>
    private static string NameOf(string uri) => PathOf(uri).Split('/')[^1];
}
