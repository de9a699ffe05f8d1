namespace Sluice.Server.Rooms;

/// <summary>What the people of a room watch.</summary>
/// <param name="Key">Which playable.</param>
/// <param name="IsSynchronized">Whether the room has a position that all share. Something live has not: its edge is where everybody is.</param>
/// <param name="LengthSeconds">Its length; infinite when it is not known.</param>
/// <param name="Plays">Names what a session plays, which may become something else; null where the key says it.</param>
internal sealed record RoomSubject(RoomKey Key, bool IsSynchronized, double LengthSeconds = double.PositiveInfinity, string? Plays = null);
