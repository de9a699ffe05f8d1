using System.Security.Cryptography;
using Sluice.Server.Hosting;
using Sluice.Server.Rooms.Wire;

namespace Sluice.Server.Rooms;

/// <summary>A place in a room.</summary>
internal sealed record RoomSeat(LiveRoom Room, RoomMember Member);

/// <summary>
/// All rooms of this server. One begins when somebody comes and is forgotten when nobody has been there for a while; nothing is kept on the disk, since
/// its members remember what it was.
/// </summary>
internal sealed partial class RoomDirectory(SluiceOptions options, TimeProvider time, ILogger<RoomDirectory> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RoomKey, LiveRoom> _rooms = [];
    private readonly RoomRules _rules = RoomRules.Of(options.Rooms);
    private int _connections;

    /// <summary>There is no such room any more. Handlers are quick, do not throw and ask nothing of this.</summary>
    public event Action<RoomKey>? Forgotten;

    /// <summary>The clock of all rooms.</summary>
    public SteadyClock Clock { get; } = new(time);

    /// <summary>Rooms now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _rooms.Count;
            }
        }
    }

    /// <summary>Lets somebody into the room of what they watch; null when there is no place.</summary>
    public RoomSeat? Join(RoomSubject subject, ClientMessage hello, Outbox outbox)
    {
        lock (_gate)
        {
            if (_connections >= _rules.MostConnections || Open(subject) is not { } room || room.Join(subject, hello, outbox) is not { } member)
            {
                return null;
            }

            Interlocked.Increment(ref _connections); // Those who leave do not wait for this lock.
            return new RoomSeat(room, member);
        }
    }

    /// <summary>Whether there is such a room.</summary>
    public bool Has(RoomKey key)
    {
        lock (_gate)
        {
            return _rooms.ContainsKey(key);
        }
    }

    /// <summary>Forgets a room, whoever is in it: another server has it now.</summary>
    public void Drop(RoomKey key)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(key, out var room))
            {
                Forget(room);
            }
        }
    }

    /// <summary>A room, if there is one, is about this from now on.</summary>
    public void Turn(RoomSubject subject)
    {
        LiveRoom? room;
        lock (_gate)
        {
            room = _rooms.GetValueOrDefault(subject.Key);
        }

        room?.Turn(subject);
    }

    /// <summary>The connection of somebody who was let in has ended.</summary>
    public void Leave(RoomSeat seat, Outbox outbox, bool isForGood)
    {
        Interlocked.Decrement(ref _connections);
        seat.Room.Disconnect(seat.Member, outbox, isForGood);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var room in _rooms.Values)
            {
                room.Dispose();
            }

            _rooms.Clear();
        }
    }

    // Always this lock first and a room's own second.
    private LiveRoom? Open(RoomSubject subject)
    {
        if (_rooms.TryGetValue(subject.Key, out var known))
        {
            return known;
        }

        if (_rooms.Count >= _rules.MostRooms)
        {
            if (_rooms.Values.FirstOrDefault(r => r.IsEmpty) is not { } empty)
            {
                Log.Full(logger, _rooms.Count);
                return null;
            }

            Forget(empty);
        }

        var room = new LiveRoom(new Room(_rules, subject, NewSecret, Clock.Now), Clock, time, Forgettable);
        _rooms[subject.Key] = room;
        return room;
    }

    private void Forgettable(LiveRoom room)
    {
        lock (_gate)
        {
            if (room.IsOver)
            {
                Forget(room);
            }
        }
    }

    private void Forget(LiveRoom room)
    {
        // One that has made place for others may say only now that it is over; what it was about may have a room again by then.
        if (_rooms.GetValueOrDefault(room.Key) == room)
        {
            _rooms.Remove(room.Key);
            Forgotten?.Invoke(room.Key);
        }

        room.Dispose();
    }

    private static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "There are {Count} rooms, as many as rooms.most allows; another was refused")]
        public static partial void Full(ILogger logger, int count);
    }
}
