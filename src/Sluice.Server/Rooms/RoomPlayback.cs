namespace Sluice.Server.Rooms;

/// <summary>
/// What a room plays: what its members want, where it is, and whom it waits for.
/// <code>
/// wanted: paused                        → stands
/// wanted: playing, somebody waited for  → stands ("held")
/// wanted: playing                       → moves
///
/// a wait ends when the member is ready, goes, or has been waited for long enough; then it is given up until it is ready
/// </code>
/// Nothing but <see cref="Pause"/> makes it stand for good: every wait has an end that is known when it begins.
/// </summary>
/// <param name="rules">Numbers.</param>
/// <param name="length">Seconds of the title; infinite when it is not known.</param>
internal sealed class RoomPlayback(RoomRules rules, double length)
{
    /// <summary>So near to its end, in seconds, whoever plays a title means its beginning.</summary>
    private const double AtEnd = 0.1;

    private readonly Remainder _patience = new(rules.RoomPatience);
    private double _length = length;

    /// <summary>Grows with each change of what follows.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether it is to stand.</summary>
    public bool IsPaused { get; private set; } = true;

    /// <summary>Whether it stands only until somebody has caught up.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Where it is.</summary>
    public Playhead Head { get; private set; } = new(false, 0, 1, default);

    /// <summary>Seconds of the title at this time.</summary>
    public double SecondsAt(TimeSpan now) => Head.SecondsAt(now, _length);

    /// <summary>It is to move.</summary>
    public void Play(TimeSpan now)
    {
        var seconds = SecondsAt(now);
        IsPaused = false;
        Anchor(seconds >= _length - AtEnd ? 0 : seconds, Head.Rate, now);
    }

    /// <summary>It is to stand.</summary>
    public void Pause(TimeSpan now)
    {
        var seconds = SecondsAt(now);
        IsPaused = true;
        Anchor(seconds, Head.Rate, now);
    }

    /// <summary>It is to be elsewhere.</summary>
    public void Seek(double seconds, TimeSpan now) => Anchor(Math.Clamp(seconds, 0, _length), Head.Rate, now);

    /// <summary>It is to be so fast.</summary>
    public void SetRate(double rate, TimeSpan now) => Anchor(SecondsAt(now), rate, now);

    /// <summary>Its length is known now, or otherwise than it seemed.</summary>
    public void Measure(double seconds) => _length = seconds;

    /// <summary>It is something else from now on, and stands at its beginning: nobody has loaded it yet.</summary>
    public void Begin(double seconds, TimeSpan now)
    {
        Measure(seconds);
        IsPaused = true;
        Anchor(0, Head.Rate, now);
    }

    /// <summary>It is as it was before the server began anew, as far as somebody remembers.</summary>
    public void Restore(RestoredState state, TimeSpan now)
    {
        IsPaused = state.Paused;
        Revision = state.Revision;
        Anchor(Math.Clamp(state.Position, 0, _length), state.Rate, now);
    }

    /// <summary>Ends waits that are over and begins those that are due.</summary>
    /// <returns>Whether somebody else is waited for than before.</returns>
    public bool Review(IReadOnlyCollection<RoomMember> members, TimeSpan now)
    {
        var changed = false;
        var isHeld = false;
        foreach (var member in members)
        {
            changed |= member.WaitedUntil is { } until ? TryEndWait(member, until, now) : TryBeginWait(member, now);
            isHeld |= member.WaitedUntil is not null;
        }

        _patience.Run(isHeld, now);
        var isChange = isHeld != IsHeld;
        IsHeld = isHeld;
        if (isChange)
        {
            Anchor(SecondsAt(now), Head.Rate, now);
        }

        return changed;
    }

    private bool TryEndWait(RoomMember member, TimeSpan until, TimeSpan now)
    {
        if (!IsPaused && member.IsStalled && now < until)
        {
            return false;
        }

        member.WaitedUntil = null;
        member.Patience.Run(false, now);
        member.IsGivenUp = member.IsStalled && now >= until;
        return true;
    }

    private bool TryBeginWait(RoomMember member, TimeSpan now)
    {
        if (IsPaused || !member.IsStalled)
        {
            return false;
        }

        var longest = Math.Min(rules.LongestWait.TotalSeconds, Math.Min(member.Patience.LeftAt(now), _patience.LeftAt(now)));
        if (longest < Math.Max(0.001, Math.Min(rules.ShortestWait.TotalSeconds, rules.LongestWait.TotalSeconds)))
        {
            member.IsGivenUp = true;
            return false;
        }

        member.WaitedUntil = now + TimeSpan.FromSeconds(longest);
        member.Patience.Run(true, now);
        return true;
    }

    private void Anchor(double seconds, double rate, TimeSpan now)
    {
        Head = new Playhead(!IsPaused && !IsHeld, seconds, rate, now);
        Revision++;
    }
}
