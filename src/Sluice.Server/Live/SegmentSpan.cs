using Sluice.Media.MpegTs;

namespace Sluice.Server.Live;

/// <summary>
/// How long the open segment of a log is shown: from the time of its first picture to the end of the one that is shown last, whatever the
/// source says. Of sound alone, pieces of sound are the pictures.
/// </summary>
internal sealed class SegmentSpan
{
    /// <summary>Of a segment with one picture nothing tells how long that is shown.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromMilliseconds(40);

    private readonly List<(long Position, long PtsTicks)> _points = [];
    private long? _first;
    private long _earliestTicks;
    private long _latestTicks;
    private int _count;

    /// <summary>What the source says, for a segment without times; of one that was cut, of what is left of it.</summary>
    public TimeSpan Said { get; private set; }

    /// <summary>So far.</summary>
    public TimeSpan Duration => _first is null
        ? Said
        : TsClock.Span(_latestTicks) + (_count > 1 ? TsClock.Span((_latestTicks - _earliestTicks) / (_count - 1)) : Unknown);

    /// <summary>Another segment.</summary>
    /// <param name="said">What the source says of its length.</param>
    public void Begin(TimeSpan said)
    {
        (_first, _earliestTicks, _latestTicks, _count, Said) = (null, 0, 0, 0, said);
        _points.Clear();
    }

    /// <summary>A picture begins.</summary>
    public void Add(long ptsTicks)
    {
        _first ??= ptsTicks;
        var at = TsClock.Between(_first.Value, ptsTicks);
        _earliestTicks = Math.Min(_earliestTicks, at);
        _latestTicks = Math.Max(_latestTicks, at);
        _count++;
    }

    /// <summary>Playing can begin at a picture that was added.</summary>
    public void AddPoint(long position, long ptsTicks) => _points.Add((position, ptsTicks));

    /// <summary>Where to cut a segment that is too long: at the last point that is not its beginning.</summary>
    /// <param name="position">Position of the segment's first byte.</param>
    /// <returns>The place, and the length of what lies before it; null when there is none.</returns>
    public (long Position, long PtsTicks, TimeSpan Before)? Cut(long position)
    {
        foreach (var (at, pts) in Enumerable.Reverse(_points))
        {
            if (at > position && _first is { } first && TsClock.Between(first, pts) > 0)
            {
                return (at, pts, TsClock.Span(TsClock.Between(first, pts)));
            }
        }

        return null;
    }

    /// <summary>What was added from a point on belongs to the next segment.</summary>
    public void CutAt(long ptsTicks)
    {
        var latest = TsClock.Between(ptsTicks, (_first ?? ptsTicks) + _latestTicks);
        var frame = _count > 1 ? (_latestTicks - _earliestTicks) / (_count - 1) : 0;
        var left = Said - TsClock.Span(TsClock.Between(_first ?? ptsTicks, ptsTicks));
        Said = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        _first = ptsTicks;
        (_earliestTicks, _latestTicks) = (0, Math.Max(0, latest));

        // Pictures are not remembered one by one; those since are as long as the others.
        _count = frame > 0 ? 1 + (int)(_latestTicks / frame) : 1;
        _points.RemoveAll(p => TsClock.Between(ptsTicks, p.PtsTicks) <= 0);
    }
}
