using System.Globalization;
using Sluice.Server.Rooms;

namespace Sluice.Server.Tests.Rooms;

/// <summary>A room whose time is what the test says.</summary>
internal sealed class RoomTable
{
    private int _secrets;

    public RoomTable(RoomRules? rules = null, bool isSynchronized = true, double length = 3600)
    {
        Rules = rules ?? new RoomRules();
        Room = new Room(
            Rules, new RoomSubject(RoomKey.Channel("any"), isSynchronized, length), () => (++_secrets).ToString(CultureInfo.InvariantCulture), Now);
    }

    public RoomRules Rules { get; }

    public Room Room { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromDays(20_000);

    public double Position => Room.Playback.SecondsAt(Now);

    public bool IsMoving => Room.Playback.Head.IsMoving;

    /// <summary>Lets time pass as the server does: stopping at all that is due.</summary>
    public void Wait(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Room.People.NextDue() is { } due && due <= end && !Room.People.IsOver(Now))
        {
            Now = due > Now ? due : Now;
            Room.Settle(Now);
            if (Room.People.NextDue() is { } next && next <= Now && !Room.People.IsOver(Now))
            {
                throw new InvalidOperationException("What was due was not done.");
            }
        }

        Now = end;
    }

    /// <summary>Somebody new who could play at once.</summary>
    public RoomMember Come(string name = "Guest", bool isReady = true)
    {
        var member = Room.Join(name, null, null, Now) ?? throw new InvalidOperationException("The room is full.");
        if (isReady)
        {
            Room.Report(member, true, 0, Now);
        }

        return member;
    }

    public RoomMember? ComeBack(string resume, RestoredState? restored = null) => Room.Join("Other name", resume, restored, Now);

    public void Stall(RoomMember member) => Room.Report(member, false, null, Now);

    public void Recover(RoomMember member) => Room.Report(member, true, 0, Now);
}
