namespace Sluice.Server.Rooms;

/// <summary>What a member remembers of a room that this server knows nothing of: it ran before the server began anew.</summary>
/// <param name="Revision">Revision that it heard of last.</param>
/// <param name="Paused">Whether it was to stand.</param>
/// <param name="Position">Where it is now, in seconds of the title, as the member reckons.</param>
/// <param name="Rate">How fast it was.</param>
/// <param name="HostOnly">Whether the host alone controlled it.</param>
/// <param name="WasHost">Whether the member was its host.</param>
internal sealed record RestoredState(long Revision, bool Paused, double Position, double Rate, bool HostOnly, bool WasHost)
{
    /// <summary>More changes than any room has; beyond them a memory is a lie.</summary>
    private const long MostRevisions = 1L << 40;

    /// <summary>Whether a room could have been like this.</summary>
    public bool IsSound(RoomRules rules) => Revision is > 0 and < MostRevisions && double.IsFinite(Position) && Position >= 0
        && Rate >= rules.Rates.Slowest && Rate <= rules.Rates.Fastest;
}
