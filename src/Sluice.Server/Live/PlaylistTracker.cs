using Sluice.Media.Hls;

namespace Sluice.Server.Live;

/// <summary>
/// Says of each load of a live playlist what is new in it (RFC 8216 section 6.3.4), and keeps its head when the other side does not:
/// <code>
///   sequence   as expected      ▶ what is new
///              jumps ahead      ▶ what is there, after a break
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

    private static readonly TimeSpan ShortestTarget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTarget = TimeSpan.FromSeconds(60);

    private readonly Dictionary<long, string> _window = [];
    private long? _next;
    private bool _breaks;
    private bool _wasEnded;
    private int _lags;

    /// <summary>Segments that came and went between two loads.</summary>
    public long Missed { get; private set; }

    /// <summary>Times that the upstream began anew.</summary>
    public int Resets { get; private set; }

    /// <summary>Loads from an edge that was behind another.</summary>
    public int Lags { get; private set; }

    /// <summary>Segments that the upstream itself does not have: EXT-X-GAP.</summary>
    public long Gaps { get; private set; }

    /// <summary>Takes what was loaded.</summary>
    public PlaylistNews Take(HlsMediaPlaylist playlist)
    {
        var target = TimeSpan.FromTicks(Math.Clamp(playlist.TargetDuration.Ticks, ShortestTarget.Ticks, LongestTarget.Ticks));
        var isFirst = _next is null;
        var from = _next is { } next ? Continue(playlist, next) : StartOf(playlist);
        var segments = from is { } first ? Pick(playlist, first) : [];

        // What is complete when it is first seen is no live channel, and nothing that could be wrong about its end.
        var isOver = playlist.IsEnded && segments.Count == 0 && (isFirst || _wasEnded);
        _wasEnded = playlist.IsEnded && (isFirst || segments.Count == 0);
        return new PlaylistNews(segments, segments.Count > 0 && !playlist.IsEnded ? target : target / 2, isOver);
    }

    /// <summary>The first segment that is wanted; null for none.</summary>
    private long? Continue(HlsMediaPlaylist playlist, long next)
    {
        if (playlist.NextSequence >= next)
        {
            _lags = 0;
            if (playlist.MediaSequence > next)
            {
                Missed += playlist.MediaSequence - next;
                _breaks = true;
            }

            return Math.Max(next, playlist.MediaSequence);
        }

        var overlaps = playlist.Segments.Any(s => _window.TryGetValue(s.Sequence, out var uri) && uri == PathOf(s.Uri));
        if ((overlaps || playlist.Segments.Count == 0) && ++_lags <= MostLags)
        {
            Lags++;
            return null;
        }

        (_lags, _breaks) = (0, true);
        Resets++;
        return StartOf(playlist);
    }

    /// <summary>Where a client begins (section 6.3.3): as EXT-X-START says, else at the front of what is complete, else so far from the
    /// end that it does not run out.</summary>
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
                Gaps++;
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
}
