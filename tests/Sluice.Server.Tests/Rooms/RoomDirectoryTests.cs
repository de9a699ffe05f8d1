using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Rooms;
using Sluice.Server.Rooms.Wire;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Which room is the one of what is watched.</summary>
public sealed class RoomDirectoryTests
{
    private static readonly ClientMessage Hello = new() { Type = "hello", Version = RoomWords.Version };

    [Fact]
    public void A_room_that_is_over_does_not_take_its_successor_along()
    {
        var clock = new FakeClock();
        var watched = new WatchedClock(clock);
        var options = new SluiceOptions();
        options.Rooms.Most = 1;
        using var rooms = new RoomDirectory(options, watched, NullLogger<RoomDirectory>.Instance);
        Visit(rooms, "one");

        // The room looks whether it is over, and the directory looks again before it forgets it. Until then others may have come.
        RoomSeat? successor = null;
        watched.AtLook(2, () =>
        {
            Visit(rooms, "two");
            successor = rooms.Join(Subject("one"), Hello, new Outbox());
        });
        clock.Advance(new RoomRules().EmptyTime + TimeSpan.FromSeconds(1));

        successor.ShouldNotBeNull("they came");
        rooms.Count.ShouldBe(1);
        rooms.Join(Subject("one"), Hello, new Outbox()).ShouldNotBeNull().Room.ShouldBeSameAs(successor.Room);
    }

    [Fact]
    public async Task Who_is_there_is_told_that_something_else_is_played_and_who_comes_late_changes_it_too()
    {
        using var rooms = new RoomDirectory(new SluiceOptions(), new FakeClock(), NullLogger<RoomDirectory>.Instance);
        var first = new RoomSubject(RoomKey.Session(AssetId.New()), IsSynchronized: true, 60, "first");
        var outbox = new Outbox();
        var seat = rooms.Join(first, Hello, outbox).ShouldNotBeNull();
        seat.Room.Handle(seat.Member, outbox, new ClientMessage { Type = "seek", Position = 30 });
        (await StateAsync(rooms, outbox)).ShouldBe(30);

        rooms.Turn(first with { Plays = "second" });
        (await StateAsync(rooms, outbox)).ShouldBe(0);

        seat.Room.Handle(seat.Member, outbox, new ClientMessage { Type = "seek", Position = 40 });
        (await StateAsync(rooms, outbox)).ShouldBe(40);
        rooms.Join(first with { Plays = "third" }, Hello, new Outbox());
        (await StateAsync(rooms, outbox)).ShouldBe(0);
        rooms.Turn(first with { Key = RoomKey.Session(AssetId.New()) });
        rooms.Count.ShouldBe(1, "nobody is in the room of the other");
    }

    /// <summary>The position that a member is told next.</summary>
    private static async Task<double> StateAsync(RoomDirectory rooms, Outbox outbox)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (true)
        {
            var (message, _) = await outbox.TakeAsync(rooms.Clock, patience.Token);
            using var json = JsonDocument.Parse(message!);
            if (json.RootElement.Text("type") == "state")
            {
                return json.RootElement.GetProperty("position").GetDouble();
            }
        }
    }

    private static RoomSubject Subject(string channel) => new(RoomKey.Channel(channel), IsSynchronized: false);

    private static void Visit(RoomDirectory rooms, string channel)
    {
        var outbox = new Outbox();
        rooms.Leave(rooms.Join(Subject(channel), Hello, outbox).ShouldNotBeNull(), outbox, isForGood: true);
    }
}
