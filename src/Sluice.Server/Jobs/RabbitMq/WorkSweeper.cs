using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// Finds work that is due and that nobody was told of: a retry whose time has come, the task of a worker that was lost, an announcement
/// that was. Where nothing lies in a queue although there is work for it, it is announced again. Every process does so; that two of
/// them say the same changes nothing.
/// </summary>
internal sealed partial class WorkSweeper(IWorkCatalog catalog, IJobQueue queue, IBroker broker, TimeProvider clock, ILogger<WorkSweeper> logger)
    : BackgroundService
{
    /// <summary>Between two looks, at most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>And at least: leases that are about to pass are renewed before they do.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Interval;
            try
            {
                wait = await SweepAsync(stoppingToken) - clock.GetUtcNow() is { } due && due < Interval ? due : Interval;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Trouble(logger, e);
            }

            // Not all processes at once: who comes later finds the announcement of the first.
            wait = (wait > Shortest ? wait : Shortest) + (Shortest * Random.Shared.NextDouble());
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once; answers when the next task falls due, null when none does.</summary>
    internal async Task<DateTimeOffset?> SweepAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var any = await catalog.NextDueAsync(Urgency.Background, DateTimeOffset.UnixEpoch, ct);
        if (any is null || any > now)
        {
            return any;
        }

        // Its announcement would lie in a queue that no worker takes from now; that queue is not empty.
        var depths = await broker.DepthsAsync(ct);
        var urgent = await catalog.NextDueAsync(Urgency.Title, DateTimeOffset.UnixEpoch, ct);
        if (urgent <= now && IsEmpty(depths, "viewers"))
        {
            queue.Announce(Urgency.Title);
        }

        // Also for urgent work: where all lanes for it are busy, one for the background may be free.
        if (IsEmpty(depths, "background"))
        {
            queue.Announce(Urgency.Background);
        }

        return await catalog.NextDueAsync(Urgency.Background, now, ct);
    }

    private static bool IsEmpty(IReadOnlyList<QueueDepth>? depths, string queue) =>
        depths?.Any(depth => depth.Queue == queue && depth.Waiting > 0) != true;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Work that nobody was told of could not be looked for")]
        public static partial void Trouble(ILogger logger, Exception e);
    }
}
