namespace Sluice.Server.Live.Channels;

/// <summary>The latencies of the last hundred segments. One adds, others read, and nobody waits.</summary>
internal sealed class LatencyWindow
{
    /// <summary>Ten minutes of a channel whose segments have six seconds.</summary>
    private const int Most = 100;

    private readonly long[] _ticks = new long[Most];
    private long _count;

    /// <summary>One more.</summary>
    public void Add(TimeSpan latency)
    {
        var at = Interlocked.Read(ref _count);
        Interlocked.Exchange(ref _ticks[at % Most], latency.Ticks);
        Interlocked.Increment(ref _count);
    }

    /// <summary>What they say; null when there are none.</summary>
    public FetchLatency? Read()
    {
        var count = Interlocked.Read(ref _count);
        if (count == 0)
        {
            return null;
        }

        var last = Interlocked.Read(ref _ticks[(count - 1) % Most]);
        var sorted = _ticks[..(int)Math.Min(count, Most)];
        Array.Sort(sorted);
        return new FetchLatency(
            TimeSpan.FromTicks(last), TimeSpan.FromTicks(sorted[(sorted.Length - 1) / 2]), TimeSpan.FromTicks(sorted[(sorted.Length - 1) * 95 / 100]));
    }
}
