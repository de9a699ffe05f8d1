using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>Removes what sessions of a killed server left: what came of torrents, encoded chunks, the rows of their titles, and then, unconfirmed as they are, their
/// objects with all other leavings.</summary>
internal sealed partial class SessionRecovery(
    ICatalog catalog, ISessionCatalog sessions, IHoldCatalog holds, Holds self, SessionScratch scratch, SluiceOptions options, ILogger<SessionRecovery> logger)
{
    /// <summary>Runs once, before the store and the catalog are compared.</summary>
    /// <param name="isAlone">No other server shares the catalog, so that all sessions in it have ended.</param>
    /// <param name="ct">Cancels it.</param>
    public async Task RunAsync(bool isAlone, CancellationToken ct)
    {
        ClearScratch();
        if (options.Cluster.Address is not null)
        {
            await holds.LetAllGoAsync(TitleOwners.Prefix, self.Self.Name, ct); // Of the process before this one: others may take its sessions up now.
            await (isAlone ? sessions.ClearSessionsAsync(ct) : Task.CompletedTask);
        }

        foreach (var id in isAlone ? await catalog.OwnedAsync(ct) : [])
        {
            await catalog.RemoveAsync(id, ct);
            Log.Removed(logger, id);
        }
    }

    private void ClearScratch()
    {
        try
        {
            if (scratch.Clear() is > 0 and var left)
            {
                Log.Cleared(logger, left);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotCleared(logger, e); // The server is of use all the same.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Left} files and folders of sessions were left, which ended with the server before this one")]
        public static partial void Cleared(ILogger logger, int left);

        [LoggerMessage(Level = LogLevel.Warning, Message = "What sessions of the server before this one left cannot be removed")]
        public static partial void NotCleared(ILogger logger, Exception e);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Asset} was a session's, which ended with the server before this one")]
        public static partial void Removed(ILogger logger, AssetId asset);
    }
}
