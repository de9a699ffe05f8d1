namespace Sluice.Server.Rooms;

/// <summary>
/// People who watch the same thing at the same time. Knows no sockets and no clock: it is told what happens and when, and says by its revisions what
/// has changed.
/// <code>
/// Join → (Report | Play | Pause | Seek | SetRate | …)* → Away | Leave
/// after each of them, and at NextDue → Settle: departures, hosts, waits
/// </code>
/// Times are the room's; whoever calls holds the room's lock.
/// </summary>
/// <param name="rules">Numbers.</param>
/// <param name="subject">What is watched.</param>
/// <param name="newSecret">Makes what a member is known by when it comes back.</param>
/// <param name="now">When it begins.</param>
internal sealed class Room(RoomRules rules, RoomSubject subject, Func<string> newSecret, TimeSpan now)
{
    private readonly TimeSpan _began = now;
    private long _restored;
    private bool _isCommanded;

    /// <summary>What is watched.</summary>
    public RoomSubject Subject { get; private set; } = subject;

    /// <summary>What it plays.</summary>
    public RoomPlayback Playback { get; } = new(rules, subject.LengthSeconds);

    /// <summary>Who is there.</summary>
    public RoomPeople People { get; } = new(rules, newSecret, now);

    /// <summary>What they say.</summary>
    public ChatLog Chat { get; } = new(rules);

    /// <summary>Whether the host alone plays and pauses.</summary>
    public bool IsHostOnly { get; private set; }

    /// <summary>Grows with each change of the members, and of what is known of them.</summary>
    public long PeopleRevision { get; private set; }

    /// <summary>Lets somebody in, or in again; null when the room is full.</summary>
    public RoomMember? Join(string? name, string? resume, RestoredState? restored, TimeSpan now)
    {
        if (People.Enter(name, resume, now) is not { } member)
        {
            return null;
        }

        if (restored is not null && Subject.IsSynchronized)
        {
            Restore(member, restored, now);
        }

        PeopleRevision++;
        Settle(now);
        return member;
    }

    /// <summary>Something else is watched by the same people, who begin with it anew; or it is the same, and more is known of it.</summary>
    public void Turn(RoomSubject to, TimeSpan now)
    {
        var isOther = to.Plays != Subject.Plays;
        Subject = to;
        if (!isOther)
        {
            Playback.Measure(to.LengthSeconds);
            return;
        }

        foreach (var member in People.All)
        {
            (member.IsReady, member.HasBegun, member.DriftSeconds) = (false, false, null);
        }

        Playback.Begin(to.LengthSeconds, now);
        PeopleRevision++;
        Settle(now);
    }

    /// <summary>The connection of a member broke. It may come back.</summary>
    public void Away(RoomMember member, TimeSpan now)
    {
        member.AwaySince = now;
        PeopleRevision++;
        Settle(now);
    }

    /// <summary>A member goes for good.</summary>
    public void Leave(RoomMember member, TimeSpan now)
    {
        People.Remove(member, now);
        PeopleRevision++;
        Settle(now);
    }

    /// <summary>Plays; while somebody is waited for, goes on without them.</summary>
    public RoomFault Play(RoomMember by, TimeSpan now) => Command(by, now, () =>
    {
        foreach (var member in People.All.Where(m => m.WaitedUntil is not null))
        {
            member.WaitedUntil = now;
        }

        if (Playback.IsPaused)
        {
            Playback.Play(now);
        }
    });

    /// <summary>Pauses.</summary>
    public RoomFault Pause(RoomMember by, TimeSpan now) => Command(by, now, () => Playback.Pause(now));

    /// <summary>Goes elsewhere, in seconds of the title.</summary>
    public RoomFault Seek(RoomMember by, double? seconds, TimeSpan now) => seconds is { } to && double.IsFinite(to)
        ? Command(by, now, () => Playback.Seek(to, now))
        : RoomFault.Invalid;

    /// <summary>Plays so many seconds of the title in a second.</summary>
    public RoomFault SetRate(RoomMember by, double? rate, TimeSpan now) => rate >= rules.Rates.Slowest && rate <= rules.Rates.Fastest
        ? Command(by, now, () => Playback.SetRate(rate.Value, now))
        : RoomFault.Invalid;

    /// <summary>A member tells how it is doing.</summary>
    public RoomFault Report(RoomMember member, bool isReady, double? driftSeconds, TimeSpan now)
    {
        if (!member.Reports.TryTake(now))
        {
            return RoomFault.TooFast;
        }

        var drift = driftSeconds is { } seconds && double.IsFinite(seconds) ? seconds : (double?)null;
        if ((isReady, drift) != (member.IsReady, member.DriftSeconds))
        {
            (member.IsReady, member.DriftSeconds) = (isReady, drift);
            member.HasBegun |= isReady;
            member.IsGivenUp &= !isReady;
            PeopleRevision++;
            Settle(now);
        }

        return RoomFault.None;
    }

    /// <summary>The host says who controls the room.</summary>
    public RoomFault SetControl(RoomMember by, bool isHostOnly, TimeSpan now) => AsHost(by, now, () => IsHostOnly = isHostOnly);

    /// <summary>The host makes somebody else the host.</summary>
    public RoomFault HandOver(RoomMember by, int? to, TimeSpan now) => People.All.FirstOrDefault(m => m.Id == to && m.IsHere) is { } next
        ? AsHost(by, now, () => People.Host = next)
        : RoomFault.Invalid;

    /// <summary>A member wants to be called otherwise.</summary>
    public RoomFault Rename(RoomMember member, string? name, TimeSpan now) => Limited(member, now, () =>
    {
        member.Name = People.NameFor(member, name);
        PeopleRevision++;
    });

    /// <summary>Does what is due at this time: members that stayed away go, a host that stayed away is followed by another, waits begin and end.</summary>
    public void Settle(TimeSpan now)
    {
        PeopleRevision += People.Settle(now) ? 1 : 0;
        PeopleRevision += Playback.Review(People.All, now) ? 1 : 0;
        if (People.All.Count == 0 && !Playback.IsPaused)
        {
            Playback.Pause(now); // It would play to nobody.
        }
    }

    /// <summary>The newest memory wins, for a short while and until somebody commands: who may come in may command as well, in a room that is new.</summary>
    private void Restore(RoomMember member, RestoredState state, TimeSpan now)
    {
        if (_isCommanded || now - _began > rules.RestoreTime || state.Revision <= _restored || !state.IsSound(rules))
        {
            return;
        }

        _restored = state.Revision;
        Playback.Restore(state, now);
        IsHostOnly = state.HostOnly;
        People.Host = state.WasHost ? member : People.Host;
    }

    private RoomFault Command(RoomMember by, TimeSpan now, Action act) =>
        !Subject.IsSynchronized ? RoomFault.Live
        : IsHostOnly && by != People.Host ? RoomFault.HostOnly
        : Limited(by, now, () =>
        {
            _isCommanded = true;
            act();
            Settle(now);
        });

    private RoomFault AsHost(RoomMember by, TimeSpan now, Action act) => by != People.Host ? RoomFault.HostOnly : Limited(by, now, () =>
    {
        _isCommanded = true;
        PeopleRevision++;
        act();
    });

    private static RoomFault Limited(RoomMember by, TimeSpan now, Action act)
    {
        if (!by.Commands.TryTake(now))
        {
            return RoomFault.TooFast;
        }

        act();
        return RoomFault.None;
    }
}
