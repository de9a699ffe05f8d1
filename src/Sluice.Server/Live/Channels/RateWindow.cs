namespace Sluice.Server.Live.Channels;

/// <summary>Bits per second over the last seconds that are over. Any number of threads add at once.</summary>
internal sealed class RateWindow(TimeProvider clock)
{
    /// <summary>Seconds that the mean is of.</summary>
    private const int Seconds = 5;

    /// <summary>Room for those, the second that runs, and one between them, which nobody reads while it is cleared.</summary>
    private const int Places = Seconds + 3;

    private readonly long[] _bytes = new long[Places];
    private readonly long[] _second = new long[Places];

    /// <summary>The mean of the last five seconds that are over.</summary>
    public long BitsPerSecond
    {
        get
        {
            var now = Now();
            var sum = 0L;
            for (var second = Math.Max(0, now - Seconds); second < now; second++)
            {
                var place = second % Places;
                sum += Interlocked.Read(ref _second[place]) == second ? Interlocked.Read(ref _bytes[place]) : 0;
            }

            return sum * 8 / Seconds;
        }
    }

    /// <summary>Bytes that moved now.</summary>
    public void Add(long bytes)
    {
        var second = Now();
        var place = second % Places;
        var seen = Interlocked.Read(ref _second[place]);
        if (seen != second && Interlocked.CompareExchange(ref _second[place], second, seen) == seen)
        {
            Interlocked.Exchange(ref _bytes[place], 0);
        }

        Interlocked.Add(ref _bytes[place], bytes);
    }

    private long Now() => clock.GetTimestamp() / clock.TimestampFrequency;
}
