using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>A room waits for who stalls, but never for long.</summary>
public sealed class RoomWaitTests
{
    [Fact]
    public void It_stands_while_a_member_catches_up()
    {
        var (table, ann, bob) = Playing();
        table.Wait(5);
        table.Stall(bob);
        table.IsMoving.ShouldBeFalse();
        table.Room.Playback.IsHeld.ShouldBeTrue();
        table.Room.Playback.IsPaused.ShouldBeFalse("nobody has paused it");
        table.Wait(3);
        table.Recover(bob);

        table.IsMoving.ShouldBeTrue();
        table.Position.ShouldBe(5, 1e-9);
        table.Wait(2);
        table.Position.ShouldBe(7, 1e-9);
        ann.WaitedUntil.ShouldBeNull();
    }

    [Fact]
    public void It_goes_on_without_a_member_that_does_not_come_along()
    {
        var (table, _, bob) = Playing();
        table.Stall(bob);
        table.Wait(9.9);
        table.IsMoving.ShouldBeFalse();
        table.Wait(0.1);
        table.IsMoving.ShouldBeTrue();
        bob.IsGivenUp.ShouldBeTrue();

        table.Stall(bob);
        table.Wait(60);
        table.IsMoving.ShouldBeTrue("it is the same stall");
        table.Position.ShouldBe(60, 1e-9);
    }

    [Fact]
    public void Who_stalls_again_and_again_is_not_waited_for_for_a_while()
    {
        var (table, _, bob) = Playing();
        for (var stalls = 0; stalls < 2; stalls++)
        {
            table.Stall(bob);
            table.Wait(10);
            table.Recover(bob);
        }

        table.Stall(bob);
        table.IsMoving.ShouldBeTrue("twenty seconds are all that one member gets");
        table.Recover(bob);
        table.Wait(60);
        table.Stall(bob);
        table.IsMoving.ShouldBeFalse("after a minute of peace it is waited for again");
    }

    [Fact]
    public void Many_who_stall_in_turn_do_not_stop_it_either()
    {
        var table = new RoomTable();
        var members = Enumerable.Range(0, 20).Select(_ => table.Come()).ToArray();
        table.Room.Play(members[0], table.Now);
        var start = table.Now;
        foreach (var member in Enumerable.Range(0, 6).SelectMany(_ => members))
        {
            table.Stall(member);
            table.Wait(5);
            table.Recover(member);
        }

        var share = table.Position / (table.Now - start).TotalSeconds;
        share.ShouldBeGreaterThan(0.68, "it plays three quarters of the time, but for what it had saved up");
        share.ShouldBeLessThan(0.95, "it waits at all");
    }

    [Fact]
    public void Nobody_waits_for_those_who_only_just_come_in()
    {
        var (table, _, _) = Playing();
        var eve = table.Come("Eve", isReady: false);
        table.Stall(eve);
        table.IsMoving.ShouldBeTrue();
        table.Recover(eve);
        table.Stall(eve);
        table.IsMoving.ShouldBeFalse();
    }

    [Fact]
    public void A_member_that_goes_or_breaks_off_is_waited_for_no_longer()
    {
        var (table, ann, bob) = Playing();
        table.Stall(bob);
        table.Room.Away(bob, table.Now);
        table.IsMoving.ShouldBeTrue();

        table.ComeBack(bob.Resume).ShouldBe(bob);
        table.IsMoving.ShouldBeTrue("it has to load first");
        table.Recover(bob);
        table.Stall(bob);
        table.IsMoving.ShouldBeFalse();
        table.Room.Leave(bob, table.Now);
        table.IsMoving.ShouldBeTrue();
        table.Room.People.All.ShouldBe([ann]);
    }

    [Fact]
    public void Play_goes_on_without_who_is_waited_for()
    {
        var (table, ann, bob) = Playing();
        table.Stall(bob);
        table.Wait(1);
        table.Room.Play(ann, table.Now).ShouldBe(RoomFault.None);
        table.IsMoving.ShouldBeTrue();
        bob.IsGivenUp.ShouldBeTrue();
    }

    [Fact]
    public void While_it_is_paused_nobody_is_waited_for_and_no_patience_is_lost()
    {
        var (table, ann, bob) = Playing();
        table.Room.Pause(ann, table.Now);
        table.Stall(bob);
        table.Wait(30);
        table.Room.Playback.IsHeld.ShouldBeFalse();
        bob.Patience.LeftAt(table.Now).ShouldBe(20);

        table.Room.Play(ann, table.Now);
        table.Room.Playback.IsHeld.ShouldBeTrue("it stalls still");
        table.Room.Pause(ann, table.Now);
        bob.WaitedUntil.ShouldBeNull();
    }

    [Fact]
    public void With_no_time_to_wait_it_never_does()
    {
        var table = new RoomTable(new RoomRules { LongestWait = TimeSpan.Zero });
        var ann = table.Come();
        table.Room.Play(ann, table.Now);
        table.Stall(ann);
        table.IsMoving.ShouldBeTrue();
    }

    private static (RoomTable Table, RoomMember Ann, RoomMember Bob) Playing()
    {
        var table = new RoomTable();
        var (ann, bob) = (table.Come("Ann"), table.Come("Bob"));
        table.Room.Play(ann, table.Now);
        return (table, ann, bob);
    }
}
