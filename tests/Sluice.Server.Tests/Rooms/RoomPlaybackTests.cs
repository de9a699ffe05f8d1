using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Where a room is, and who may change it.</summary>
public sealed class RoomPlaybackTests
{
    [Fact]
    public void It_moves_from_play_to_pause_at_its_rate()
    {
        var table = new RoomTable();
        var ann = table.Come();
        table.Position.ShouldBe(0);
        table.IsMoving.ShouldBeFalse();

        table.Room.Play(ann, table.Now).ShouldBe(RoomFault.None);
        table.Wait(10);
        table.Room.SetRate(ann, 2, table.Now).ShouldBe(RoomFault.None);
        table.Wait(10);
        table.Room.Pause(ann, table.Now).ShouldBe(RoomFault.None);
        table.Wait(10);

        table.Position.ShouldBe(30, 1e-9);
        table.Room.Seek(ann, 100, table.Now).ShouldBe(RoomFault.None);
        table.Wait(10);
        table.Position.ShouldBe(100);
    }

    [Fact]
    public void Each_change_has_a_revision_of_its_own()
    {
        var table = new RoomTable();
        var ann = table.Come();
        var revisions = new List<long> { table.Room.Playback.Revision };
        Func<RoomFault>[] acts =
        [
            () => table.Room.Play(ann, table.Now), () => table.Room.Seek(ann, 5, table.Now), () => table.Room.SetRate(ann, 2, table.Now),
            () => table.Room.Pause(ann, table.Now),
        ];
        foreach (var act in acts)
        {
            act();
            revisions.Add(table.Room.Playback.Revision);
        }

        revisions.ShouldBe(revisions.Distinct().Order());
    }

    [Fact]
    public void It_stays_at_the_end_and_begins_anew_from_there()
    {
        var table = new RoomTable(length: 60);
        var ann = table.Come();
        table.Room.Seek(ann, 1e6, table.Now);
        table.Position.ShouldBe(60);
        table.Room.Seek(ann, -3, table.Now);
        table.Position.ShouldBe(0);

        table.Room.Play(ann, table.Now);
        table.Wait(100);
        table.Position.ShouldBe(60);

        table.Room.Pause(ann, table.Now);
        table.Room.Play(ann, table.Now);
        table.Position.ShouldBe(0);
    }

    [Fact]
    public void What_makes_no_sense_changes_nothing()
    {
        var table = new RoomTable();
        var ann = table.Come();
        var before = table.Room.Playback.Revision;

        table.Room.Seek(ann, null, table.Now).ShouldBe(RoomFault.Invalid);
        table.Room.Seek(ann, double.PositiveInfinity, table.Now).ShouldBe(RoomFault.Invalid);
        table.Room.SetRate(ann, null, table.Now).ShouldBe(RoomFault.Invalid);
        table.Room.SetRate(ann, 0, table.Now).ShouldBe(RoomFault.Invalid);
        table.Room.SetRate(ann, double.PositiveInfinity, table.Now).ShouldBe(RoomFault.Invalid);

        table.Room.Playback.Revision.ShouldBe(before);
    }

    [Fact]
    public void Everyone_controls_it_until_the_host_says_otherwise()
    {
        var table = new RoomTable();
        var (host, guest) = (table.Come(), table.Come());
        table.Room.Play(guest, table.Now).ShouldBe(RoomFault.None);

        table.Room.SetControl(guest, true, table.Now).ShouldBe(RoomFault.HostOnly);
        table.Room.SetControl(host, true, table.Now).ShouldBe(RoomFault.None);
        table.Room.Pause(guest, table.Now).ShouldBe(RoomFault.HostOnly);
        table.IsMoving.ShouldBeTrue();
        table.Room.Pause(host, table.Now).ShouldBe(RoomFault.None);

        table.Room.HandOver(guest, guest.Id, table.Now).ShouldBe(RoomFault.HostOnly);
        table.Room.HandOver(host, guest.Id, table.Now).ShouldBe(RoomFault.None);
        table.Room.Play(host, table.Now).ShouldBe(RoomFault.HostOnly);
        table.Room.Play(guest, table.Now).ShouldBe(RoomFault.None);
    }

    [Fact]
    public void When_something_else_is_played_all_begin_with_it_anew()
    {
        var table = new RoomTable(length: 60);
        var (ann, bob) = (table.Come(), table.Come());
        table.Room.Play(ann, table.Now);
        table.Wait(50);
        table.Stall(bob);
        table.IsMoving.ShouldBeFalse("bob is waited for");
        var (state, people) = (table.Room.Playback.Revision, table.Room.PeopleRevision);

        table.Room.Turn(table.Room.Subject with { LengthSeconds = 3600, Plays = "other" }, table.Now);

        (table.Position, table.Room.Playback.IsPaused, table.Room.Playback.IsHeld).ShouldBe((0, true, false));
        table.Room.Playback.Revision.ShouldBeGreaterThan(state);
        table.Room.PeopleRevision.ShouldBeGreaterThan(people);
        table.Room.Play(bob, table.Now);
        table.Wait(100);
        table.Position.ShouldBe(100, 1e-9, "nobody waits for those who only just load it, and it is longer");
    }

    [Fact]
    public void When_more_is_known_of_the_same_it_goes_on()
    {
        var table = new RoomTable(length: double.PositiveInfinity);
        var ann = table.Come();
        table.Room.Play(ann, table.Now);
        table.Wait(50);

        table.Room.Turn(table.Room.Subject with { LengthSeconds = 70 }, table.Now);

        (table.Position, table.IsMoving).ShouldBe((50, true));
        table.Wait(100);
        table.Position.ShouldBe(70);
    }

    [Fact]
    public void Something_live_is_not_commanded()
    {
        var table = new RoomTable(isSynchronized: false);
        var ann = table.Come();
        table.Room.Play(ann, table.Now).ShouldBe(RoomFault.Live);
        table.Room.Seek(ann, 1, table.Now).ShouldBe(RoomFault.Live);
        table.ComeBack("unknown", new RestoredState(5, false, 7, 1, false, false)).ShouldNotBeNull();
        table.IsMoving.ShouldBeFalse();
    }

    [Fact]
    public void Commands_without_end_are_not_obeyed()
    {
        var table = new RoomTable(new RoomRules { Commands = new Allowance(3, 1) });
        var ann = table.Come();
        for (var i = 0; i < 3; i++)
        {
            table.Room.Seek(ann, i, table.Now).ShouldBe(RoomFault.None);
        }

        table.Room.Seek(ann, 9, table.Now).ShouldBe(RoomFault.TooFast);
        table.Position.ShouldBe(2);
        table.Wait(1);
        table.Room.Seek(ann, 9, table.Now).ShouldBe(RoomFault.None);
    }
}
