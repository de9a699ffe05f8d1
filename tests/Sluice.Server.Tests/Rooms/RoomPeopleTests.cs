using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Who is in a room, who comes back, and who is its host.</summary>
public sealed class RoomPeopleTests
{
    [Fact]
    public void Who_is_back_within_a_minute_is_the_same_member()
    {
        var table = new RoomTable();
        var (ann, bob) = (table.Come("Ann"), table.Come("Bob"));
        table.Room.Away(bob, table.Now);
        table.Wait(59.9);
        table.Room.People.All.ShouldBe([ann, bob]);
        table.ComeBack(bob.Resume).ShouldBe(bob);
        (bob.IsHere, bob.Name).ShouldBe((true, "Bob"));

        table.Room.Away(bob, table.Now);
        table.Wait(60);
        table.Room.People.All.ShouldBe([ann]);
        table.ComeBack(bob.Resume)!.Id.ShouldNotBe(bob.Id);
    }

    [Fact]
    public void The_secret_of_another_opens_nothing()
    {
        var table = new RoomTable();
        var ann = table.Come("Ann");
        table.ComeBack(ann.Resume + "x").ShouldNotBe(ann);
        table.ComeBack("").ShouldNotBe(ann);
    }

    [Fact]
    public void The_first_is_the_host_until_it_stays_away()
    {
        var table = new RoomTable();
        var (ann, bob, eve) = (table.Come("Ann"), table.Come("Bob"), table.Come("Eve"));
        table.Room.People.Host.ShouldBe(ann);
        table.Room.Away(ann, table.Now);
        table.Wait(14.9);
        table.Room.People.Host.ShouldBe(ann, "it may be back in a moment");
        table.Wait(0.1);
        table.Room.People.Host.ShouldBe(bob);
        table.ComeBack(ann.Resume);
        table.Room.People.Host.ShouldBe(bob);

        table.Room.Leave(bob, table.Now);
        table.Room.People.Host.ShouldBe(ann, "it has been there longest");
        eve.IsHere.ShouldBeTrue();
    }

    [Fact]
    public void A_host_without_successor_is_the_host_when_it_is_back()
    {
        var table = new RoomTable();
        var ann = table.Come();
        table.Room.Away(ann, table.Now);
        table.Wait(40);
        table.ComeBack(ann.Resume).ShouldBe(ann);
        table.Room.People.Host.ShouldBe(ann);

        table.Room.Away(ann, table.Now);
        table.Wait(20);
        var bob = table.Come();
        table.Room.People.Host.ShouldBe(bob, "it was away for too long when somebody came");
    }

    [Fact]
    public void A_full_room_lets_in_nobody_but_in_the_place_of_who_is_away()
    {
        var table = new RoomTable(new RoomRules { MostMembers = 2 });
        var (ann, bob) = (table.Come(), table.Come());
        table.Room.Join("Eve", null, null, table.Now).ShouldBeNull();
        table.ComeBack(bob.Resume).ShouldBe(bob, "it has its place");

        table.Room.Away(ann, table.Now);
        var eve = table.Room.Join("Eve", null, null, table.Now);
        table.Room.People.All.ShouldBe([bob, eve!]);
        table.Room.People.Host.ShouldBe(bob);
    }

    [Fact]
    public void An_empty_room_stands_still_and_is_forgotten_after_five_minutes()
    {
        var table = new RoomTable();
        var ann = table.Come();
        table.Room.Play(ann, table.Now);
        table.Wait(10);
        table.Room.Leave(ann, table.Now);
        table.Wait(299);
        table.Room.People.IsOver(table.Now).ShouldBeFalse();
        table.Position.ShouldBe(10, 1e-9);
        table.Wait(1);
        table.Room.People.IsOver(table.Now).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Ann", "Ann")]
    [InlineData("  Ann\tB\u0000 ", "Ann B")]
    [InlineData("\u202Egpj.exe", "gpj.exe")]
    [InlineData(null, "Guest")]
    [InlineData("\u0007\u2067 ", "Guest")]
    [InlineData("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>")]
    [InlineData("0123456789012345678901234567890123456789", "01234567890123456789012345678901")]
    [InlineData("0123456789012345678901234567890😀", "0123456789012345678901234567890")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    public void A_name_is_one_line_of_text(string? wish, string name) => new RoomTable().Come(wish!).Name.ShouldBe(name);

    [Fact]
    public void A_name_that_is_taken_gets_a_number()
    {
        var table = new RoomTable();
        string[] names = [table.Come("Ann").Name, table.Come("ann").Name, table.Come("ANN").Name, table.Come("Ann 2").Name];
        names.ShouldBe(["Ann", "ann 2", "ANN 3", "Ann 2 2"]);

        var longest = new string('x', 32);
        table.Come(longest).Name.ShouldBe(longest);
        table.Come(longest).Name.ShouldBe(new string('x', 30) + " 2");
    }

    [Fact]
    public void A_new_name_is_free_of_the_old_one()
    {
        var table = new RoomTable();
        var ann = table.Come("Ann");
        table.Room.Rename(ann, "Ann", table.Now).ShouldBe(RoomFault.None);
        ann.Name.ShouldBe("Ann");
        table.Room.Rename(ann, "Zoe", table.Now);
        table.Come("Ann").Name.ShouldBe("Ann");
    }
}
