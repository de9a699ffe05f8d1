namespace Sluice.Server.Sessions;

/// <summary>Who was heard of lately. Safe for concurrent use.</summary>
internal sealed class SessionViewers(TimeProvider clock)
{
    /// <summary>Viewers that are told apart; who comes after those keeps the session all the same.</summary>
    private const int Most = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _heard = new(StringComparer.Ordinal);
    private long _last = clock.GetTimestamp();

    /// <summary>Time since anybody was heard of.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _last));

    /// <summary>Somebody plays it, whoever that is.</summary>
    public void Hear() => Volatile.Write(ref _last, clock.GetTimestamp());

    /// <summary>A viewer says that it is there.</summary>
    public void Hear(string viewer)
    {
        Hear();
        lock (_gate)
        {
            if (_heard.Count < Most || _heard.ContainsKey(viewer))
            {
                _heard[viewer] = clock.GetTimestamp();
            }
        }
    }

    /// <summary>A viewer says that it goes.</summary>
    public void Forget(string viewer)
    {
        lock (_gate)
        {
            _heard.Remove(viewer);
        }
    }

    /// <summary>Number of viewers that were heard of within the last <paramref name="time"/>; all others are forgotten.</summary>
    public int Count(TimeSpan time)
    {
        lock (_gate)
        {
            foreach (var (viewer, at) in _heard)
            {
                if (clock.GetElapsedTime(at) > time)
                {
                    _heard.Remove(viewer);
                }
            }

            return _heard.Count;
        }
    }
}
