namespace Sluice.Server.Live.Channels;

/// <summary>Who watches a channel, and until when it is kept for those who have gone. For one caller at a time.</summary>
internal sealed class ChannelViewers(TimeProvider clock)
{
    private readonly long _origin = clock.GetTimestamp();
    private readonly int[] _visits = new int[Enum.GetValues<VisitKind>().Length];
    private readonly HlsPlayers _players = new();
    private TimeSpan _keepUntil;

    /// <summary>Time since the channel was made; it runs evenly even when somebody sets the clock.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>Nobody is there at this moment. Players of HLS are only there while they ask.</summary>
    public bool AreGone => _visits.Sum() == 0;

    /// <summary>How long the channel is still to be kept for those who have gone; zero for no longer.</summary>
    public TimeSpan Left => _keepUntil > Now ? _keepUntil - Now : TimeSpan.Zero;

    /// <summary>One comes.</summary>
    /// <param name="kind">How it watches.</param>
    /// <param name="player">Of HLS, what tells it from others; null when that is not known.</param>
    /// <param name="keep">How long the channel is kept for an HLS player.</param>
    public void Come(VisitKind kind, string? player, TimeSpan keep)
    {
        _visits[(int)kind]++;
        if (kind == VisitKind.Hls && player is not null)
        {
            _players.Come(player, Now);
            Keep(keep);
        }
    }

    /// <summary>Whether it would be one viewer more. Players of HLS are none when they were heard of lately.</summary>
    public bool IsNew(VisitKind kind, string? player, TimeSpan keep) => kind switch
    {
        VisitKind.Endless => true,
        VisitKind.Hls => player is not null && !_players.Knows(player, Now - keep),
        _ => false,
    };

    /// <summary>One goes.</summary>
    /// <param name="kind">How it watched.</param>
    /// <param name="player">As it came.</param>
    /// <param name="keep">How long the channel is kept for it.</param>
    public void Go(VisitKind kind, string? player, TimeSpan keep)
    {
        _visits[(int)kind]--;
        if (player is not null)
        {
            _players.Go(player, Now);
        }

        Keep(keep);
    }

    /// <summary>An HLS player was heard of. If it counts it goes on to.</summary>
    public void Touch(string player, TimeSpan keep)
    {
        if (_players.Touch(player, Now, Now - keep))
        {
            Keep(keep);
        }
    }

    /// <summary>The channel is kept at least for so long from now on.</summary>
    public void Keep(TimeSpan keep) => _keepUntil = Now + keep > _keepUntil ? Now + keep : _keepUntil;

    /// <summary>How many there are.</summary>
    /// <param name="keep">How long an HLS player counts after it was heard of.</param>
    public ViewerCounts Count(TimeSpan keep) =>
        new(_visits[(int)VisitKind.Endless], _players.Count(Now, Now - keep), _visits[(int)VisitKind.Recording]);

    /// <summary>Forgets players of HLS: what they watched is over.</summary>
    public void Forget() => _players.Clear();
}
