using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;

namespace Sluice.Server.Manage;

/// <summary>
/// Removes what has expired: at <see cref="Asset.ExpiresAt"/> playback ends (the gate sees to that), and after the
/// grace period, in which an owner can still extend, the files go. Views are counted no longer than their link lives.
/// </summary>
internal sealed partial class RetentionSweeper(
    AssetDirectory assets,
    AssetRemoval removal,
    IViewCatalog views,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<RetentionSweeper> logger) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    /// <summary>One sweep.</summary>
    /// <returns>Assets that could not be removed now.</returns>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        var due = clock.GetUtcNow() - TimeSpan.FromMinutes(options.Retention.GraceMinutes);
        var failed = 0;
        await views.RemoveViewsAsync(clock.GetUtcNow(), ct);
        foreach (var id in removal.Leftovers)
        {
            failed += await TryAsync(id, () => removal.RemoveFilesAsync(id, ct)) ? 0 : 1;
        }

        IReadOnlyList<AssetId> expired;
        do
        {
            expired = await assets.ExpiredAsync(due, Batch, ct);
            foreach (var id in expired)
            {
                failed += await TryAsync(id, () => RemoveIfDueAsync(id, due, ct)) ? 0 : 1;
            }
        }
        while (expired.Count == Batch && failed == 0);

        return failed;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var usual = TimeSpan.FromSeconds(Math.Max(1, options.Retention.SweepSeconds));
        var pause = usual;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, clock, stoppingToken);
                var failed = await SweepAsync(stoppingToken);
                pause = failed == 0 ? usual : Longer(pause);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The catalog cannot be read now: said, and tried again, less and less often.
                pause = Longer(pause);
                Log.SweepFailed(logger, e, pause);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private async Task RemoveIfDueAsync(AssetId id, DateTimeOffset due, CancellationToken ct)
    {
        // Its owner may have extended it since the list was read.
        if (await assets.FindAsync(id, ct) is { ExpiresAt: { } end } && end <= due)
        {
            await removal.RemoveAsync(id, ct);
            Log.Removed(logger, id);
        }
    }

    private async Task<bool> TryAsync(AssetId id, Func<Task> remove)
    {
        try
        {
            await remove();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.RemovalFailed(logger, e, id);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Asset}: it has expired")]
        public static partial void Removed(ILogger logger, AssetId asset);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Asset} could not be removed; tried again at the next sweep")]
        public static partial void RemovalFailed(ILogger logger, Exception e, AssetId asset);

        [LoggerMessage(Level = LogLevel.Error, Message = "The sweep of expired titles failed; next try in {Pause}")]
        public static partial void SweepFailed(ILogger logger, Exception e, TimeSpan pause);
    }
}
