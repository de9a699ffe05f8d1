namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// The clock of the database, as it was read last and goes on since. It decides about leases: the clocks of nodes may differ, and a node whose clock is
/// ahead must not take what another one holds.
/// </summary>
internal sealed class DatabaseClock(TimeProvider clock)
{
    /// <summary>Clocks that are set by the network differ by less. It does not matter to a lease.</summary>
    private static readonly TimeSpan Negligible = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    private Reading? _last;

    /// <summary>It should be read now.</summary>
    public bool IsStale => Volatile.Read(ref _last) is not { } last || clock.GetElapsedTime(last.Stamp) > ReadAgain;

    /// <summary>How far it is ahead of this machine's clock.</summary>
    public TimeSpan Ahead
    {
        get
        {
            if (Volatile.Read(ref _last) is not { } last)
            {
                return TimeSpan.Zero;
            }

            var ahead = last.There + clock.GetElapsedTime(last.Stamp) - clock.GetUtcNow();
            return ahead.Duration() < Negligible ? TimeSpan.Zero : ahead;
        }
    }

    /// <summary>Takes note of what it says now.</summary>
    public void Set(DateTimeOffset there) => Volatile.Write(ref _last, new Reading(there, clock.GetTimestamp()));

    private sealed record Reading(DateTimeOffset There, long Stamp);
}
