using System.Security.Cryptography;
using System.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>
/// Sessions as several servers know of them: each has one owner, by lease, and a row from which another server can open it again.
/// <code>
///   begun ──▶ row, lease ──▶ open: what it plays is noted ──▶ noted now and then, for as long as it runs ──▶ ended: no row, no lease
///                                                        └──▶ its server stops: the row stays, the lease is given back
/// </code>
/// </summary>
internal sealed partial class SharedSessions(ISessionCatalog catalog, Turns turns, Holds holds, SluiceOptions options, TimeProvider clock, ILogger<SharedSessions> logger)
{
    /// <summary>A session of which its owner says nothing for so long has ended.</summary>
    private TimeSpan Life => TimeSpan.FromSeconds(2 * options.Sessions.IdleSeconds);

    /// <summary>Says that a session is this server's.</summary>
    /// <exception cref="SessionException">It cannot be said, or another server has one of the same source.</exception>
    public async Task KeepAsync(Session session, CancellationToken ct)
    {
        try
        {
            session.Share!.Hold ??= await turns.TryTakeAsync(TitleOwners.NameOf(session.Id), ct) ?? throw new InvalidOperationException("A new name is another's.");
            var now = clock.GetUtcNow();
            if (!await catalog.AddSessionAsync(RowOf(session, null) with { Source = session.Share.IsJoinedBySource ? SourceOf(session.Wish) : null }, now, ct))
            {
                throw new SessionException(ErrorCode.NodeUnreachable, "Another node has the session of this source.", TimeSpan.FromSeconds(1)) { IsOnAnotherNode = true };
            }
        }
        catch (CatalogUnreachableException)
        {
            throw new SessionException(ErrorCode.CatalogUnreachable, ErrorCode.CatalogUnreachable.Title, TimeSpan.FromSeconds(2));
        }
    }

    /// <summary>Notes what a session plays now. What cannot be noted is, the next time.</summary>
    public async Task NoteAsync(Session session, OpenedSource? opened)
    {
        var share = session.Share!;
        await share.Notes.WaitAsync(CancellationToken.None);
        try
        {
            share.Place = PlaceOf(opened) ?? share.Place;
            await catalog.UpdateSessionAsync(RowOf(session, opened), CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.NotNoted(logger, e, session.LogName);
        }
        finally
        {
            share.Notes.Release();
        }
    }

    /// <summary>A session ends: nobody takes it up again, unless it is handed over.</summary>
    /// <returns>False when the catalog could not be told: another server may take it up when this one gives it back.</returns>
    public async Task<bool> EndingAsync(Session session)
    {
        // Nothing is said of it before it is held.
        if (session.Share is not { Hold: not null, IsHandedOver: false, IsLost: false } share)
        {
            return true;
        }

        try
        {
            await catalog.RemoveSessionAsync(session.Id, holds.Self.Name, CancellationToken.None);
            return true;
        }
        catch (Exception e)
        {
            if (!share.IsLeft)
            {
                Log.NotRemoved(logger, e, session.LogName);
            }

            share.IsLeft = true;
            return false;
        }
    }

    /// <summary>Nothing is left of it here.</summary>
    public static ValueTask EndedAsync(Session session) => session.Share!.Hold is { } hold ? hold.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>The session that another server has of a source; null when none does.</summary>
    public async Task<AssetId?> FindAsync(SessionWish wish, CancellationToken ct) =>
        await catalog.FindSessionBySourceAsync(SourceOf(wish), ct) is { } row && IsAlive(row) ? row.Id : null;

    /// <summary>Whether a session runs, be it on another server.</summary>
    public async Task<bool> RunsAsync(AssetId session, CancellationToken ct) => await catalog.FindSessionAsync(session, ct) is { } row && IsAlive(row);

    /// <summary>The session that plays a channel; null when none does.</summary>
    public async Task<AssetId?> FindOfChannelAsync(string channel, CancellationToken ct) =>
        await catalog.FindSessionOfAsync(channel, ct) is { } row && IsAlive(row) ? row.Id : null;

    /// <summary>Those that other servers have, newest first.</summary>
    public async Task<IReadOnlyList<SessionRow>> OthersAsync(CancellationToken ct) =>
        [.. (await catalog.ListSessionsAsync(ct)).Where(row => row.Owner != holds.Self.Name && IsAlive(row))];

    /// <summary>Whether a row is of a session that has not ended.</summary>
    public bool IsAlive(SessionRow row) => row.ExpiresAt > clock.GetUtcNow();

    /// <summary>What is to be opened may be a secret; what tells it from others need not be.</summary>
    private static string SourceOf(SessionWish wish) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wish.Key)));

    private static SessionPlace? PlaceOf(OpenedSource? opened) => (opened?.Asset?.Value ?? opened?.Channel) is { } id
        ? new SessionPlace(id, opened!.Film, (opened as SessionTitle)?.Epoch ?? 0, opened.Channel is not null)
        : null;

    /// <summary>While it opens, the row says what it played before: whoever takes it up then needs that.</summary>
    private SessionRow RowOf(Session session, OpenedSource? opened)
    {
        var place = PlaceOf(opened) ?? session.Share!.Place;
        return new SessionRow(
            session.Id, null, holds.Self.Name, SessionNote.Of(session, opened), GlanceOf(session, opened, place).ToText(), place?.Id, session.CreatedAt,
            clock.GetUtcNow() + Life);
    }

    private SessionGlance GlanceOf(Session session, OpenedSource? opened, SessionPlace? place) => new(
        opened?.Title ?? session.Title, session.Wish.Shown, opened is null ? session.State : SessionState.Ready, session.Reason, place?.IsChannel ?? false, place?.Film,
        place?.Epoch ?? 0, session.Viewers.Count(TimeSpan.FromSeconds(options.Sessions.IdleSeconds)), opened?.FetchedBytes ?? 0, opened?.SizeBytes);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "What session {Session} plays could not be told to other nodes")]
        public static partial void NotNoted(ILogger logger, Exception e, string session);

        [LoggerMessage(Level = LogLevel.Warning, Message = "That session {Session} has ended could not be told to other nodes; it is tried again")]
        public static partial void NotRemoved(ILogger logger, Exception e, string session);
    }
}
