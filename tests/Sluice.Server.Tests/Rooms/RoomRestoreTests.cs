using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>After a restart of the server its members tell a room where it was.</summary>
public sealed class RoomRestoreTests
{
    private static readonly RestoredState Memory = new(40, Paused: false, Position: 600, Rate: 1.5, HostOnly: true, WasHost: false);

    [Fact]
    public void The_first_to_come_brings_it_back()
    {
        var table = new RoomTable();
        table.ComeBack("of another life", Memory);
        table.Wait(10);
        table.Position.ShouldBe(615, 1e-9);
        table.Room.IsHostOnly.ShouldBeTrue();
        table.Room.Playback.Revision.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void A_newer_memory_takes_the_place_of_an_older_one_and_never_the_other_way()
    {
        var table = new RoomTable();
        var bob = table.ComeBack("b", Memory);
        var ann = table.ComeBack("a", Memory with { Revision = 41, Position = 700, WasHost = true });
        table.Position.ShouldBe(700);
        table.Room.People.Host.ShouldBe(ann);

        table.ComeBack("c", Memory with { Revision = 41, Position = 1, WasHost = true });
        table.Position.ShouldBe(700);
        table.Room.People.Host.ShouldBe(ann);
        bob!.IsHere.ShouldBeTrue();
    }

    [Fact]
    public void What_was_commanded_since_counts_more_than_any_memory()
    {
        var table = new RoomTable();
        table.Room.Seek(table.Come(), 5, table.Now);
        table.ComeBack("b", Memory);
        table.Position.ShouldBe(5);
    }

    [Fact]
    public void After_a_while_nobody_remembers()
    {
        var table = new RoomTable();
        table.Come();
        table.Wait(20.1);
        table.ComeBack("b", Memory);
        table.Position.ShouldBe(0);
        table.Room.IsHostOnly.ShouldBeFalse();
    }

    [Fact]
    public void A_memory_that_cannot_be_is_none()
    {
        foreach (var odd in (RestoredState[])
            [
                Memory with { Revision = 0 }, Memory with { Revision = long.MaxValue }, Memory with { Position = -1 },
                Memory with { Position = double.PositiveInfinity }, Memory with { Rate = 0 }, Memory with { Rate = double.PositiveInfinity },
            ])
        {
            var table = new RoomTable();
            table.ComeBack("b", odd).ShouldNotBeNull();
            table.IsMoving.ShouldBeFalse();
            table.Room.IsHostOnly.ShouldBeFalse();
        }

        var beyond = new RoomTable(length: 60);
        beyond.ComeBack("b", Memory);
        beyond.Position.ShouldBe(60);
    }
}
