using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.MpegTs;

/// <summary>
/// Says which pictures may go after one was lost: those that follow refer to it, and decoders stumble over them or give up.
/// <code>
///   I p p p ✗ p p p p I p p p         the picture stands still until decoding can begin
///           └─left out┘
///   I p p ✗ p p p I b b p p           and of an open group those stay out, too, that are shown before its first
///           └─────┘ └─┘
/// </code>
/// Not of a source that loses something all the time: pictures with flaws are better than none.
/// </summary>
internal sealed class PictureWait
{
    /// <summary>Longest that a picture stands still: what has not come by then may never (a stream can be refreshed by parts).</summary>
    private const long LongestTicks = 10 * TsClock.Rate;

    /// <summary>So long after a picture stood still there is no other that does.</summary>
    private const long RestTicks = 20 * TsClock.Rate;

    private bool _isStill;
    private long? _since;
    private long? _lastStillTicks;
    private long? _beginsTicks;

    /// <summary>Pictures have to be asked for.</summary>
    public bool IsOn => _isStill || _beginsTicks is not null;

    /// <summary>Something was lost.</summary>
    /// <param name="ptsTicks">Of the last picture that began.</param>
    public void Begin(long? ptsTicks)
    {
        if (_lastStillTicks is not { } last || TsClock.Between(last, ptsTicks ?? last) is < 0 or >= RestTicks)
        {
            _isStill = true;
        }
    }

    /// <summary>What comes does not follow what came, whatever that was.</summary>
    public void Begin() => (_isStill, _since, _lastStillTicks) = (true, null, null);

    /// <summary>Whether a picture may go.</summary>
    /// <param name="access">Whether decoding can begin with it.</param>
    /// <param name="ptsTicks">When it is shown; null when that is not known.</param>
    public bool Admits(RandomAccess access, long? ptsTicks)
    {
        var isPoint = access is RandomAccess.Idr or RandomAccess.OpenGop;
        if (_isStill && !isPoint)
        {
            _since ??= ptsTicks;
            _lastStillTicks = ptsTicks;
            if (TsClock.Between(_since ?? 0, ptsTicks ?? LongestTicks) is > -LongestTicks and < LongestTicks)
            {
                return false;
            }
        }

        if (_isStill || isPoint)
        {
            (_isStill, _since, _beginsTicks) = (false, null, _isStill && access == RandomAccess.OpenGop ? ptsTicks : null);
            return true;
        }

        if (_beginsTicks is { } begins && ptsTicks is { } shown && TsClock.Between(begins, shown) < 0)
        {
            return false;
        }

        _beginsTicks = null;
        return true;
    }
}
