using System.Text.Json;

namespace Sluice.Server.Rooms.Wire;

/// <summary>Turns what rooms know into messages.</summary>
internal static class RoomWords
{
    /// <summary>Version of the protocol.</summary>
    public const int Version = 1;

    /// <summary>The first message to a member.</summary>
    public static byte[] Welcome(Room room, RoomMember member, TimeSpan now) => JsonSerializer.SerializeToUtf8Bytes(
        new WelcomeMessage(
            "welcome", Version, member.Id, member.Resume, room.Subject.Key.Kind, room.Subject.IsSynchronized, Milliseconds(now),
            room.Subject.IsSynchronized ? StateOf(room) : null, PeopleOf(room), [.. room.Chat.Lines.Select(ChatOf)]),
        RoomJson.Default.WelcomeMessage);

    /// <summary>What it plays.</summary>
    public static byte[] State(Room room) => JsonSerializer.SerializeToUtf8Bytes(StateOf(room), RoomJson.Default.StateMessage);

    /// <summary>Who is there.</summary>
    public static byte[] People(Room room) => JsonSerializer.SerializeToUtf8Bytes(PeopleOf(room), RoomJson.Default.PeopleMessage);

    /// <summary>What was said.</summary>
    public static byte[] Chat(ChatLine line) => JsonSerializer.SerializeToUtf8Bytes(ChatOf(line), RoomJson.Default.ChatMessage);

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(Ping ping, TimeSpan now) => JsonSerializer.SerializeToUtf8Bytes(
        new PongMessage("pong", ping.Time, Milliseconds(ping.Received), Milliseconds(now)), RoomJson.Default.PongMessage);

    /// <summary>Why something was not done.</summary>
    public static byte[] Error(string code, string detail) =>
        JsonSerializer.SerializeToUtf8Bytes(new ErrorMessage("error", code, detail), RoomJson.Default.ErrorMessage);

    /// <summary>Why a room does not do what a member asked for; null when it does.</summary>
    public static byte[]? Error(RoomFault fault) => fault switch
    {
        RoomFault.HostOnly => Error("host-only", "Only the host of this room can do that."),
        RoomFault.TooFast => Error("too-fast", "That was too much at once. Try again in a moment."),
        RoomFault.Invalid => Error("invalid", "The room cannot make sense of that."),
        RoomFault.Live => Error("live", "What is live has no position that could be shared."),
        RoomFault.Full => Error("room-full", "As many people as this room takes are in it."),
        _ => null,
    };

    private static StateMessage StateOf(Room room)
    {
        var (playback, head) = (room.Playback, room.Playback.Head);
        return new StateMessage(
            "state", playback.Revision, playback.IsPaused, playback.IsHeld, Math.Round(head.Seconds, 3), head.Rate, Milliseconds(head.At));
    }

    private static PeopleMessage PeopleOf(Room room) => new(
        "people", room.People.Host?.Id, room.IsHostOnly ? "host" : "everyone",
        [
            .. room.People.All.Select(m => new MemberView(
                m.Id, m.Name, m.IsReady, !m.IsHere, m.WaitedUntil is not null, m.DriftSeconds is { } drift ? Math.Round(drift, 3) : null)),
        ]);

    private static ChatMessage ChatOf(ChatLine line) => new("chat", line.Number, line.From, line.Name, line.Text, Milliseconds(line.At));

    /// <summary>To a tenth, which is finer than any network.</summary>
    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
