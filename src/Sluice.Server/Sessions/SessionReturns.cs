using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>
/// Takes up sessions whose server is gone.
/// <code>
///   nobody holds it ──▶ 1 its lease ──▶ 2 its row is this server's ──▶ 3 what was made for it goes ──▶ 4 opened again, under the same names
/// </code>
/// A server that was only cut off finds the row another's, and leaves all of it alone.
/// </summary>
internal sealed partial class SessionReturns(
    SessionDesk desk, ISessionCatalog catalog, SharedSessions shared, Turns turns, AssetDirectory assets, IObjectStore store, Holds holds, ILogger<SessionReturns> logger)
{
    private readonly ConcurrentDictionary<AssetId, Lazy<Task<Taking>>> _running = new();

    /// <summary>Has this server have a session, however many ask at once.</summary>
    public Task<Taking> TakeAsync(AssetId id, CancellationToken ct) =>
        _running.GetOrAdd(id, static (id, self) => self.Once(id), this).Value.WaitAsync(ct);

    /// <summary>Removes what was made for a session that is this server's, and is not opened.</summary>
    public async Task ClearAsync(AssetId id, CancellationToken ct)
    {
        foreach (var asset in await catalog.OwnedAsync(TitleOwners.NameOf(id), ct))
        {
            await assets.RemoveAsync(asset, ct);
            await store.DeleteAsync(asset, ct);
        }
    }

    /// <summary>Its answer is that of who waits for it, be it that none does any more: who asks later is answered anew.</summary>
    private Lazy<Task<Taking>> Once(AssetId id)
    {
        Lazy<Task<Taking>> once = null!;
        return once = new(() =>
        {
            var running = RunAsync(id);
            _ = running.ContinueWith(
                _ => _running.TryRemove(new(id, once)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return running;
        });
    }

    private async Task<Taking> RunAsync(AssetId id)
    {
        if (desk.TryGet(id, out _))
        {
            return Taking.Taken;
        }

        if (desk.IsClosed)
        {
            return Taking.Lost;
        }

        if (desk.IsEnding(id) || await catalog.FindSessionAsync(id, default) is not { } row || !shared.IsAlive(row))
        {
            return Taking.Nothing;
        }

        // :: Step 1
        if (await turns.TryTakeAsync(TitleOwners.NameOf(id), default) is not { } hold)
        {
            return Taking.Lost;
        }

        var isTaken = false;
        try
        {
            // :: Step 2
            if (!SessionNote.TryRead(row.State, out var wish, out var kept) || !await catalog.OwnSessionAsync(id, holds.Self.Name, default)
                || await catalog.FindSessionAsync(id, default) is not { } now)
            {
                return Taking.Nothing;
            }

            // :: Step 3
            var place = await PlaceAsync(now);
            await ClearAsync(id, default);

            // :: Step 4
            isTaken = desk.Return(new Session(wish, desk.Clock) { Id = id, CreatedAt = now.CreatedAt, Share = new SessionShare(hold, place), Kept = kept });
            Log.Returned(logger, row.Owner);
            return isTaken ? Taking.Taken : Taking.Lost;
        }
        finally
        {
            if (!isTaken)
            {
                await hold.DisposeAsync();
            }
        }
    }

    /// <summary>What it played; whether its links were revoked the title says.</summary>
    private async Task<SessionPlace?> PlaceAsync(SessionRow row) =>
        row.Plays is not { } plays || SessionGlance.Of(row) is not { } glance ? null
        : new SessionPlace(
            plays, glance.Film ?? plays,
            AssetId.TryParse(plays, null, out var id) && await assets.FindAsync(id, default) is { } asset ? asset.Epoch : glance.Epoch,
            glance.IsChannel);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A session that {Node} had goes on here")]
        public static partial void Returned(ILogger logger, string node);
    }
}
