using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Whatever members do, in whatever order: a room never stands for somebody who is gone, nor for anybody for long.</summary>
public sealed class RoomPropertyTests
{
    private const int Rooms = 300;
    private const int Events = 300;

    [Fact]
    public void A_room_that_is_to_play_plays()
    {
        for (var seed = 0; seed < Rooms; seed++)
        {
            var table = new RoomTable(new RoomRules { MostMembers = 6 });
            var random = new Random(seed);
            var heldSince = (TimeSpan?)null;
            for (var i = 0; i < Events; i++)
            {
                Act(table, random);
                Check(table, $"seed {seed}, event {i}");
                heldSince = table.Room.Playback.IsHeld ? heldSince ?? table.Now : null;
                (table.Now - (heldSince ?? table.Now)).TotalSeconds.ShouldBeLessThanOrEqualTo(30.001, $"seed {seed}, event {i}: held for ever");
            }

            // Whoever stalls says nothing more: that alone ends every wait.
            table.Wait(30);
            table.Room.Playback.IsHeld.ShouldBeFalse($"seed {seed}");
        }
    }

    private static void Check(RoomTable table, string where)
    {
        var (room, playback) = (table.Room, table.Room.Playback);
        var waited = room.People.All.Where(m => m.WaitedUntil is not null).ToArray();
        playback.IsHeld.ShouldBe(waited.Length > 0, where);
        playback.Head.IsMoving.ShouldBe(!playback.IsPaused && waited.Length == 0, where);
        waited.ShouldAllBe(m => m.IsHere && !m.IsReady && m.WaitedUntil > table.Now, where);
        if (waited.Length > 0)
        {
            room.People.NextDue().ShouldNotBeNull(where);
            room.People.NextDue()!.Value.ShouldBeLessThanOrEqualTo(waited.Min(m => m.WaitedUntil!.Value), where);
        }

        (room.People.Host is not null || room.People.All.All(m => !m.IsHere)).ShouldBeTrue(where);
        (room.People.Host is null || room.People.All.Contains(room.People.Host)).ShouldBeTrue(where);
        room.People.All.Count.ShouldBeLessThanOrEqualTo(6, where);
        room.People.All.Select(m => m.Name).ShouldBeUnique(where);
        table.Position.ShouldBeInRange(0, 3600, where);
    }

    private static void Act(RoomTable table, Random random)
    {
        var (room, people) = (table.Room, table.Room.People.All);
        if (people.Count == 0)
        {
            table.Come(isReady: random.Next(2) == 0);
            return;
        }

        var who = people[random.Next(people.Count)];
        switch (random.Next(14))
        {
            case 0:
                room.Join("Guest", random.Next(2) == 0 ? who.Resume : null, null, table.Now);
                break;
            case 1:
                room.Leave(who, table.Now);
                break;
            case 2 when who.IsHere:
                room.Away(who, table.Now);
                break;
            case 3:
                room.Join(null, who.Resume, new RestoredState(random.Next(99), random.Next(2) == 0, random.Next(5000), 1, false, true), table.Now);
                break;
            case 4 or 5 when who.IsHere:
                room.Play(who, table.Now);
                break;
            case 6 when who.IsHere && random.Next(3) == 0:
                room.Pause(who, table.Now);
                break;
            case 7 when who.IsHere:
                room.Seek(who, random.Next(-10, 5000), table.Now);
                break;
            case 8 when who.IsHere:
                room.SetControl(who, random.Next(2) == 0, table.Now);
                break;
            case 9 when who.IsHere:
                room.Report(who, true, random.NextDouble(), table.Now);
                break;
            case 10 or 11 when who.IsHere:
                room.Report(who, false, null, table.Now);
                break;
            default:
                table.Wait(random.NextDouble() * (random.Next(8) == 0 ? 40 : 4));
                break;
        }
    }
}
