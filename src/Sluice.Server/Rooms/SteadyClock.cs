namespace Sluice.Server.Rooms;

/// <summary>The rooms' clock: time since 1970 as it was when the server began, counted on without the jumps of a clock that is set.</summary>
internal sealed class SteadyClock(TimeProvider clock)
{
    private readonly TimeSpan _origin = clock.GetUtcNow() - DateTimeOffset.UnixEpoch;
    private readonly long _began = clock.GetTimestamp();

    /// <summary>The time now.</summary>
    public TimeSpan Now => _origin + clock.GetElapsedTime(_began);
}
