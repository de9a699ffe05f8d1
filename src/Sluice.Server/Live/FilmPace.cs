namespace Sluice.Server.Live;

/// <summary>Hands out the segments of something that is complete as fast as it is watched, and no faster.</summary>
/// <param name="clock">For the pace.</param>
/// <param name="lead">How much may be handed out ahead.</param>
internal sealed class FilmPace(TimeProvider clock, TimeSpan lead)
{
    /// <summary>Timers know no more than some weeks, and playlists write what they like.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _handedOut;

    /// <summary>Waits until a segment may be handed out.</summary>
    /// <param name="duration">Of the segment.</param>
    /// <param name="isFilm">False for what is live, which has a pace of its own.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task WaitAsync(TimeSpan duration, bool isFilm, CancellationToken ct)
    {
        for (var ahead = Ahead(); isFilm && ahead > TimeSpan.Zero; ahead = Ahead())
        {
            await Task.Delay(ahead < LongestWait ? ahead : LongestWait, clock, ct);
        }

        _handedOut += duration;
    }

    private TimeSpan Ahead() => _handedOut - clock.GetElapsedTime(_started) - lead;
}
