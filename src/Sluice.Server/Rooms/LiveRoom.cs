using Sluice.Server.Rooms.Wire;

namespace Sluice.Server.Rooms;

/// <summary>
/// A room with its members' outboxes and one timer. Whatever happens goes through its lock, and what has changed is put into every outbox before the
/// lock is left, so that all members are told the same things in the same order.
/// </summary>
/// <param name="room">What is to be kept.</param>
/// <param name="clock">The rooms' clock.</param>
/// <param name="time">Makes the timer.</param>
/// <param name="over">Called when nobody has been there for long; never under the lock.</param>
internal sealed class LiveRoom(Room room, SteadyClock clock, TimeProvider time, Action<LiveRoom> over) : IDisposable
{
    /// <summary>Shortest time between two messages about the same people: readiness and drift of many change all the time.</summary>
    private static readonly TimeSpan BetweenPeople = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<RoomMember, Outbox> _outboxes = [];
    private ITimer? _timer;
    private long _toldState;
    private long _toldPeople;
    private TimeSpan _toldPeopleAt;
    private bool _isClosed;

    /// <summary>What it is about.</summary>
    public RoomKey Key => room.Subject.Key;

    /// <summary>Whether nobody is in it, those who are away for a moment included.</summary>
    public bool IsEmpty => Under(() => room.People.All.Count == 0);

    /// <summary>Whether it may be forgotten.</summary>
    public bool IsOver => Under(() => room.People.IsOver(clock.Now));

    /// <summary>Lets somebody in; null when the room is full.</summary>
    /// <param name="subject">What the room is about now.</param>
    /// <param name="hello">What they say first.</param>
    /// <param name="outbox">Takes what they are told.</param>
    public RoomMember? Join(RoomSubject subject, ClientMessage hello, Outbox outbox) => Under(() =>
    {
        var now = clock.Now;
        Turn(subject, now);
        if (room.Join(hello.Name, hello.Resume, hello.Restore, now) is not { } member)
        {
            return null;
        }

        if (_outboxes.Remove(member, out var older))
        {
            older.End(Farewell.Replaced);
        }

        _outboxes[member] = outbox;
        outbox.OfferWelcome(RoomWords.Welcome(room, member, now));
        Tell(now);
        return member;
    });

    /// <summary>The room is about this from now on.</summary>
    public void Turn(RoomSubject subject) => Under(() =>
    {
        var now = clock.Now;
        Turn(subject, now);
        Tell(now);
        return true;
    });

    /// <summary>Does what a member asks for, or tells it why not.</summary>
    public void Handle(RoomMember member, Outbox outbox, ClientMessage message) => Under(() =>
    {
        if (_outboxes.GetValueOrDefault(member) == outbox)
        {
            var now = clock.Now;
            if (RoomWords.Error(Do(member, message, now)) is { } error)
            {
                outbox.OfferWords(error);
            }

            Tell(now);
        }

        return true;
    });

    /// <summary>The connection of a member has ended.</summary>
    /// <param name="member">Who.</param>
    /// <param name="outbox">Of that connection; nothing happens when the member has another by now.</param>
    /// <param name="isForGood">It will not come back.</param>
    public void Disconnect(RoomMember member, Outbox outbox, bool isForGood) => Under(() =>
    {
        if (_outboxes.GetValueOrDefault(member) == outbox)
        {
            _outboxes.Remove(member);
            var now = clock.Now;
            if (isForGood)
            {
                room.Leave(member, now);
            }
            else
            {
                room.Away(member, now);
            }

            Tell(now);
        }

        return true;
    });

    /// <inheritdoc />
    public void Dispose() => Under(() =>
    {
        _isClosed = true;
        _timer?.Dispose();
        return true;
    });

    private void Turn(RoomSubject subject, TimeSpan now)
    {
        if (room.Subject != subject)
        {
            room.Turn(subject, now);
        }
    }

    private RoomFault Do(RoomMember member, ClientMessage message, TimeSpan now)
    {
        switch (message.Type)
        {
            case "status":
                room.Report(member, message.Ready, message.Drift, now); // One too many is not listened to; the next one will be.
                return RoomFault.None;
            case "play":
                return room.Play(member, now);
            case "pause":
                return room.Pause(member, now);
            case "seek":
                return room.Seek(member, message.Position, now);
            case "rate":
                return room.SetRate(member, message.Rate, now);
            case "control" when message.Control is "host" or "everyone":
                return room.SetControl(member, message.Control == "host", now);
            case "host":
                return room.HandOver(member, message.To, now);
            case "name":
                return room.Rename(member, message.Name, now);
            case "chat":
                var fault = room.Chat.Say(member, message.Text, now, out var line);
                if (line is not null)
                {
                    All(RoomWords.Chat(line), static (outbox, words) => outbox.OfferWords(words));
                }

                return fault;
            default:
                return RoomFault.Invalid;
        }
    }

    /// <summary>Tells all what has changed, and sees to it that what is due later is done.</summary>
    private void Tell(TimeSpan now)
    {
        if (room.Subject.IsSynchronized && room.Playback.Revision != _toldState)
        {
            _toldState = room.Playback.Revision;
            All(RoomWords.State(room), static (outbox, state) => outbox.OfferState(state));
        }

        var due = room.People.NextDue();
        if (room.PeopleRevision != _toldPeople)
        {
            var next = _toldPeopleAt + BetweenPeople;
            if (now >= next)
            {
                (_toldPeople, _toldPeopleAt) = (room.PeopleRevision, now);
                All(RoomWords.People(room), static (outbox, people) => outbox.OfferPeople(people));
            }
            else if (due is null || next < due)
            {
                due = next;
            }
        }

        if (!_isClosed && due is { } at)
        {
            var wait = at - now + Soonest; // Timers count whole milliseconds, and may round down.
            _timer ??= time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait < Soonest ? Soonest : wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tick()
    {
        var isOver = Under(() =>
        {
            var now = clock.Now;
            if (_isClosed)
            {
                return false;
            }

            room.Settle(now);
            Tell(now);
            return room.People.IsOver(now);
        });
        if (isOver)
        {
            over(this);
        }
    }

    private void All(byte[] message, Action<Outbox, byte[]> offer)
    {
        foreach (var outbox in _outboxes.Values)
        {
            offer(outbox, message);
        }
    }

    private T Under<T>(Func<T> act)
    {
        lock (_gate)
        {
            return act();
        }
    }
}
