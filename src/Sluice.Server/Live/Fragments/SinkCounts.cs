namespace Sluice.Server.Live.Fragments;

/// <summary>
/// What the sinks of a channel have counted, of all of its upstreams. For any thread; no count ever goes back.
/// <code>
///   an upstream begins ──▶ Begin, Add: read with the rest
///   it is left         ──▶ End: what was counted is kept, and what counted it is not
/// </code>
/// </summary>
internal sealed class SinkCounts
{
    private readonly Lock _gate = new();
    private readonly List<Func<(long LostBytes, long Losses)>> _running = [];
    private LiveRemux? _remux;
    private (long LostBytes, long Losses) _lost;
    private (long TimesAlone, long LateFrames) _late;

    /// <summary>Bytes that were no media, and places where something was missing.</summary>
    public (long LostBytes, long Losses) Lost
    {
        get
        {
            lock (_gate)
            {
                return SumLost();
            }
        }
    }

    /// <summary>Times that pictures went on without sound, and frames of it that came too late.</summary>
    public (long TimesAlone, long LateFrames) Late
    {
        get
        {
            lock (_gate)
            {
                return SumLate();
            }
        }
    }

    /// <summary>Another upstream.</summary>
    public void Begin(LiveRemux remux)
    {
        lock (_gate)
        {
            _remux = remux;
        }
    }

    /// <summary>One of its sinks.</summary>
    public void Add(Func<(long LostBytes, long Losses)> counts)
    {
        lock (_gate)
        {
            _running.Add(counts);
        }
    }

    /// <summary>The upstream is left: its sinks get nothing any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            (_lost, _late) = (SumLost(), SumLate());
            _remux = null;
            _running.Clear();
        }
    }

    private (long LostBytes, long Losses) SumLost()
    {
        var sum = _lost;
        foreach (var counts in _running)
        {
            var (bytes, losses) = counts();
            sum = (sum.LostBytes + bytes, sum.Losses + losses);
        }

        return sum;
    }

    private (long TimesAlone, long LateFrames) SumLate() =>
        (_late.TimesAlone + (_remux?.TimesAlone ?? 0), _late.LateFrames + (_remux?.LateFrames ?? 0));
}
