using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Sessions;

/// <summary>Removes what is left of sessions whose server is gone, and that nobody asked for again.</summary>
internal sealed partial class SessionSweeper(
    ISessionCatalog sessions, ICatalog catalog, SharedSessions shared, SessionReturns returns, SessionDesk desk, Turns turns, Holds holds, TimeProvider clock,
    ILogger<SessionSweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Trouble(logger, e);
            }
        }
    }

    /// <summary>Sweeps once.</summary>
    internal async Task SweepAsync(CancellationToken ct)
    {
        var rows = await sessions.ListSessionsAsync(ct);
        var left = rows.Where(row => !shared.IsAlive(row)).Select(row => row.Id).ToHashSet();
        foreach (var asset in await catalog.OwnedAsync(ct))
        {
            if (await catalog.FindAsync(asset, ct) is { Owner: { } owner } && owner.Split(' ') is ["session", var name]
                && AssetId.TryParse(name, null, out var id) && rows.All(row => row.Id != id))
            {
                left.Add(id); // Its row went, and its server with it.
            }
        }

        foreach (var id in left)
        {
            await RemoveAsync(id, ct);
        }
    }

    private async Task RemoveAsync(AssetId id, CancellationToken ct)
    {
        if (desk.TryGet(id, out _) || desk.IsEnding(id) || await turns.TryTakeAsync(TitleOwners.NameOf(id), ct) is not { } hold)
        {
            return;
        }

        await using (hold)
        {
            if (await sessions.FindSessionAsync(id, ct) is { } row && shared.IsAlive(row))
            {
                return;
            }

            await returns.ClearAsync(id, ct);
            await sessions.OwnSessionAsync(id, holds.Self.Name, ct);
            await sessions.RemoveSessionAsync(id, holds.Self.Name, ct);
            Log.Removed(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "What a session left whose node is gone was removed")]
        public static partial void Removed(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning, Message = "What sessions left whose nodes are gone cannot be looked for")]
        public static partial void Trouble(ILogger logger, Exception e);
    }
}
