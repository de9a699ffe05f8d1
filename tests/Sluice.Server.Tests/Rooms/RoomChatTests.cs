using Shouldly;
using Sluice.Server.Rooms;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

public sealed class RoomChatTests
{
    [Fact]
    public void The_last_fifty_lines_are_kept()
    {
        var table = new RoomTable();
        var ann = table.Come("Ann");
        for (var i = 1; i <= 60; i++)
        {
            table.Wait(2);
            table.Room.Chat.Say(ann, $"line {i}", table.Now, out var line).ShouldBe(RoomFault.None);
            line!.Number.ShouldBe(i);
        }

        table.Room.Chat.Lines.Select(l => l.Text).ShouldBe(Enumerable.Range(11, 50).Select(i => $"line {i}"));
        table.Room.Chat.Lines.ShouldAllBe(l => l.Name == "Ann" && l.From == ann.Id);
    }

    [Fact]
    public void Long_lines_are_cut_and_empty_ones_are_none()
    {
        var table = new RoomTable();
        var ann = table.Come();
        table.Room.Chat.Say(ann, new string('x', 600), table.Now, out var line);
        line!.Text.Length.ShouldBe(500);
        table.Room.Chat.Say(ann, "one\ntwo\u0000\u202E", table.Now, out line);
        line!.Text.ShouldBe("one two");
        table.Room.Chat.Say(ann, " \n\t", table.Now, out line).ShouldBe(RoomFault.Invalid);
        table.Room.Chat.Say(ann, null, table.Now, out line).ShouldBe(RoomFault.Invalid);
        line.ShouldBeNull();
    }

    [Fact]
    public void Who_says_too_much_at_once_has_to_wait_and_nobody_else_has()
    {
        var table = new RoomTable();
        var (ann, bob) = (table.Come(), table.Come());
        var faults = Enumerable.Range(0, 7).Select(_ => table.Room.Chat.Say(ann, "hey", table.Now, out var _)).ToArray();
        faults.Count(f => f == RoomFault.None).ShouldBe(5);
        faults[^1].ShouldBe(RoomFault.TooFast);
        table.Room.Chat.Say(bob, "hey", table.Now, out var _).ShouldBe(RoomFault.None);
        table.Wait(2);
        table.Room.Chat.Say(ann, "hey", table.Now, out var _).ShouldBe(RoomFault.None);
    }
}
