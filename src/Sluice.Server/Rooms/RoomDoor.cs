namespace Sluice.Server.Rooms;

/// <summary>What a request that passed the gate opens.</summary>
/// <param name="SubjectNow">What the room is about when somebody comes in: a session may play something else by then than when it was asked for.</param>
/// <param name="StillOpens">Whether the same request would be let in now: a link may have expired or been revoked meanwhile.</param>
internal sealed record RoomDoor(Func<RoomSubject> SubjectNow, Func<CancellationToken, ValueTask<bool>> StillOpens)
{
    /// <summary>A room that is about one thing for good.</summary>
    public RoomDoor(RoomSubject subject, Func<CancellationToken, ValueTask<bool>> stillOpens)
        : this(() => subject, stillOpens)
    {
    }

    /// <summary>What the room is about now.</summary>
    public RoomSubject Subject => SubjectNow();
}
