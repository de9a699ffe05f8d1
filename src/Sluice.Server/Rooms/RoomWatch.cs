using Sluice.Server.Rooms.Wire;

namespace Sluice.Server.Rooms;

/// <summary>
/// Shows a member out whom the gate would let in no more.
/// <code>
/// every 5 s: StillOpens? → yes, or it cannot be found out: again later
///                        → no: a farewell
/// </code>
/// </summary>
internal sealed partial class RoomWatch(RoomDoor door, Outbox outbox, TimeProvider time, ILogger<RoomWatch> logger)
{
    /// <summary>Time between two questions whether the member may still be here, and so the longest that a dead link keeps one in.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    /// <summary>Runs until the member may not stay, or the connection has ended.</summary>
    /// <exception cref="OperationCanceledException">It has ended.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        do
        {
            await Task.Delay(BetweenLooks, time, ct);
        }
        while (await MayStayAsync(ct));
        outbox.End(Farewell.NoAccess);
    }

    private async Task<bool> MayStayAsync(CancellationToken ct)
    {
        try
        {
            return await door.StillOpens(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // A catalog that cannot be read for a moment turns nobody out. It must not keep anybody in either, so the watch goes on.
            Log.NotKnown(logger, door.Subject.Key.Kind, e);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Whether somebody in a room ({Kind}) may still be there is not known; it is asked again")]
        public static partial void NotKnown(ILogger logger, string kind, Exception e);
    }
}
