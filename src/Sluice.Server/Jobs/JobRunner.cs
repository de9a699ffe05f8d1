using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// The lanes in which this process does tasks, one at a time in each. Some take anything; the others only what somebody
/// waits for, so that background work never stands in the way of a viewer.
/// <code>
/// told to stop ──▶ no task is claimed any more; those that no viewer waits for are handed back
/// requests ended ─▶ the others too; at the latest after <see cref="ViewersGrace"/>
/// </code>
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
    LaneCounts lanes) : BackgroundService, IHostedLifecycleService
{
    /// <summary>How long a task goes on that a viewer waits for, when the server is told to stop: less than requests get, so that
    /// its lease is handed back before the process ends.</summary>
    public static readonly TimeSpan ViewersGrace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(10);

    /// <summary>All lanes together look about once a minute when nothing is announced and nothing falls due.</summary>
    private readonly TimeSpan _idle = TimeSpan.FromMinutes(Math.Max(1, lanes.Background + lanes.Urgent));

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _handingBack = new();

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        _ = HandBackLaterAsync();
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        await _handingBack.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public override void Dispose()
    {
        _closing.Dispose();
        _handingBack.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await InLaneAsync(() => catalog.ReleaseOwnedAsync(owner, _closing.Token)); // Left by a process of this name that was killed.
        await Task.WhenAll(Enumerable.Repeat(Urgency.Background, lanes.Background)
            .Concat(Enumerable.Repeat(Urgency.Title, lanes.Urgent))
            .Select(LaneAsync));

        // A claim that was cut off in its middle may have been made all the same.
        await InLaneAsync(() => catalog.ReleaseOwnedAsync(owner, CancellationToken.None));
    }

    private async Task HandBackLaterAsync()
    {
        try
        {
            await Task.Delay(ViewersGrace, clock, _handingBack.Token);
            await _handingBack.CancelAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // All requests had ended before.
        }
    }

    private async Task LaneAsync(Urgency least)
    {
        var wait = TimeSpan.Zero;
        while (!_closing.IsCancellationRequested)
        {
            await InLaneAsync(async () =>
            {
                var told = await queue.WaitAsync(least, wait, _closing.Token);
                wait = TimeSpan.Zero; // Unless nothing is found; also after trouble.
                wait = await LookAsync(least, told);
            });
        }
    }

    /// <summary>Does a task when there is one, and answers how long there is none.</summary>
    private async Task<TimeSpan> LookAsync(Urgency least, Announcement told)
    {
        var stop = _closing.Token;
        try
        {
            var now = clock.GetUtcNow();
            if (await catalog.ClaimAsync(owner, least, now, TaskRunner.Lease, stop) is not { } task)
            {
                var next = await catalog.NextDueAsync(least, now, stop) - clock.GetUtcNow() ?? _idle;
                return next < _idle ? TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, next.TotalMilliseconds))) : _idle;
            }

            if (told.MayBeMore)
            {
                queue.Announce(least);
                if (task.Urgency > least)
                {
                    queue.Announce(task.Urgency);
                }
            }

            stop = task.Urgency == Urgency.Viewer ? _handingBack.Token : stop;
            await tasks.RunAsync(task, stop);
            return TimeSpan.Zero;
        }
        finally
        {
            if (stop.IsCancellationRequested)
            {
                told.GiveBack();
            }
            else
            {
                told.End();
            }
        }
    }

    /// <summary>Nothing that goes wrong ends a lane; it is said, and the lane goes on after a pause.</summary>
    private async Task InLaneAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The lane ends.
        }
        catch (Exception e)
        {
            if (e is CatalogUnreachableException)
            {
                Log.Unreachable(logger, AfterTrouble, e.Message);
            }
            else
            {
                Log.Trouble(logger, e, AfterTrouble);
            }

            await Task.Delay(AfterTrouble, clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Jobs cannot be worked on now; next try in {Pause}")]
        public static partial void Trouble(ILogger logger, Exception e, TimeSpan pause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Jobs cannot be worked on now; next try in {Pause}. {Reason}")]
        public static partial void Unreachable(ILogger logger, TimeSpan pause, string reason);
    }
}
