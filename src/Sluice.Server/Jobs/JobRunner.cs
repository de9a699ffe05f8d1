using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// The lanes in which this process does tasks, one at a time in each. Some take anything; the others only what somebody
/// waits for, so that background work never stands in the way of a viewer.
/// </summary>
/// <param name="catalog">Where the tasks are.</param>
/// <param name="queue">Says when to look.</param>
/// <param name="tasks">Does them.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For a lane that cannot work.</param>
/// <param name="owner">Names this process in leases; the same after its restart, and no other's.</param>
/// <param name="lanes">How many of each.</param>
internal sealed partial class JobRunner(
    IWorkCatalog catalog,
    IJobQueue queue,
    TaskRunner tasks,
    TimeProvider clock,
    ILogger<JobRunner> logger,
    string owner,
    LaneCounts lanes) : BackgroundService
{
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(10);

    /// <summary>All lanes together look about once a minute when nothing is announced and nothing falls due.</summary>
    private readonly TimeSpan _idle = TimeSpan.FromMinutes(Math.Max(1, lanes.Background + lanes.Urgent));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await InLaneAsync(ReclaimAsync, stoppingToken);
        await Task.WhenAll(Enumerable.Repeat(Urgency.Background, lanes.Background)
            .Concat(Enumerable.Repeat(Urgency.Title, lanes.Urgent))
            .Select(least => LaneAsync(least, stoppingToken)));
    }

    /// <summary>Tasks that were left by a process of this name that was killed need not wait for their leases.</summary>
    private Task ReclaimAsync(CancellationToken ct) => catalog.ReleaseOwnedAsync(owner, ct);

    private async Task LaneAsync(Urgency least, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await InLaneAsync(ct => RunOrWaitAsync(least, ct), stop);
        }
    }

    private async Task RunOrWaitAsync(Urgency least, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (await catalog.ClaimAsync(owner, least, now, TaskRunner.Lease, stop) is { } task)
        {
            // There may be more where this came from: the next lane looks.
            queue.Announce(least);
            if (task.Urgency > least)
            {
                queue.Announce(task.Urgency);
            }

            await tasks.RunAsync(task, stop);
            return;
        }

        var wait = await catalog.NextDueAsync(least, now, stop) - clock.GetUtcNow() ?? _idle;
        if (wait > TimeSpan.Zero)
        {
            var whole = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            await queue.WaitAsync(least, whole < _idle ? whole : _idle, stop);
        }
    }

    /// <summary>Nothing that goes wrong ends a lane; it is said, and the lane goes on after a pause.</summary>
    private async Task InLaneAsync(Func<CancellationToken, Task> step, CancellationToken stop)
    {
        try
        {
            await step(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The lane ends.
        }
        catch (Exception e)
        {
            Log.Trouble(logger, e, AfterTrouble);
            await Task.Delay(AfterTrouble, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Jobs cannot be worked on now; next try in {Pause}")]
        public static partial void Trouble(ILogger logger, Exception e, TimeSpan pause);
    }
}
