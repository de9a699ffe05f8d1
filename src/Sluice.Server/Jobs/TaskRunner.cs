using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>What has to be done before anything of an asset is looked at for a task: another server may have changed it.</summary>
internal delegate void BeforeTask(AssetId asset);

/// <summary>
/// One claimed task, to its end.
/// <code>
/// 1 begin    others may stop it from here on; its job is shown as running
/// 2 attempt  the executor of its kind, while the lease is renewed
/// 3 end      done · failed (again later, or given up) · waits · stopped: handed back when the server stops, else no longer ours
/// </code>
/// </summary>
internal sealed partial class TaskRunner(
    IWorkCatalog catalog,
    IEnumerable<ITaskExecutor> executors,
    RunningTasks running,
    ProgressBoard board,
    TimeProvider clock,
    ILogger<TaskRunner> logger,
    BeforeTask? before = null)
{
    /// <summary>Time without a sign of life after which a worker counts as dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    /// <summary>Two renewals may go wrong before the lease passes.</summary>
    private static readonly TimeSpan Renewal = Lease / 3;

    /// <summary>Before a task is taken up again that could not reach the catalog.</summary>
    private static readonly TimeSpan AfterUnreachable = TimeSpan.FromSeconds(5);

    /// <summary>Claims of one task after which it counts as what kills its workers. Failures are counted apart and far
    /// sooner; this many deaths happen to no task by chance.</summary>
    private const int MostAttempts = 100;

    private readonly Dictionary<JobKind, ITaskExecutor> _executors =
        executors.GroupBy(executor => executor.Kind).ToDictionary(kind => kind.Key, kind => kind.Last()); // As elsewhere: what is registered last counts.

    /// <summary>Does <paramref name="task"/>, or hands it back when <paramref name="stop"/> says so.</summary>
    public async Task RunAsync(WorkTask task, CancellationToken stop)
    {
        // :: Step 1: begin
        using var attempt = running.Begin(task, stop);
        using var ended = new CancellationTokenSource();
        var renewing = RenewAsync(attempt, ended.Token);
        TaskResult? result;
        try
        {
            board.Tell(task.JobId, null);

            // Paused or cancelled between the claim and the line above: nobody could have told us.
            var job = await board.RefreshAsync(task.JobId, CancellationToken.None);
            if (job?.State != JobState.Running)
            {
                attempt.Stop();
            }

            // :: Step 2: attempt
            result = await AttemptAsync(attempt);
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
        }

        // :: Step 3: end; also while the server stops, so that nothing done is done again
        try
        {
            await EndAsync(task, result, stop.IsCancellationRequested);
        }
        catch (IOException) when (result?.Reason is not null)
        {
            board.Tell(task.JobId, result.Reason); // No room for it in the catalog. The lease will pass.
            throw;
        }

        await board.RefreshAsync(task.JobId, CancellationToken.None);
    }

    /// <summary>How the attempt ended; null when it was stopped.</summary>
    private async Task<TaskResult?> AttemptAsync(TaskAttempt attempt)
    {
        var task = attempt.Task;
        if (!_executors.TryGetValue(task.Kind, out var executor))
        {
            return TaskResult.Failed($"This server cannot do jobs of the kind '{task.Kind.Name()}'.", mayRetry: false);
        }

        if (task.Attempts > MostAttempts)
        {
            return TaskResult.Failed($"It was begun {MostAttempts} times and never came to an end.", mayRetry: false);
        }

        try
        {
            attempt.Token.ThrowIfCancellationRequested();
            before?.Invoke(task.Asset);
            var result = await executor.RunAsync(task, attempt.Token);
            return result.Reason is not null && attempt.Token.IsCancellationRequested ? null : result;
        }
        catch (OperationCanceledException) when (attempt.Token.IsCancellationRequested)
        {
            return null;
        }
        catch (CatalogUnreachableException e)
        {
            return TaskResult.Waiting(e.Message, AfterUnreachable); // No fault of the task.
        }
        catch (Exception e)
        {
            Log.Broke(logger, e, task.Kind, task.Id, task.Asset);
            return TaskResult.Failed(e is IOException
                ? "The server's disk could not be read or written."
                : "The server made a mistake; its log says more.");
        }
    }

    private async Task EndAsync(WorkTask task, TaskResult? result, bool serverStops)
    {
        var now = clock.GetUtcNow();
        var held = result switch
        {
            null => !serverStops || await catalog.ReleaseAsync(task, now, CancellationToken.None),
            { Reason: null } => await catalog.CompleteAsync(task, now, CancellationToken.None),
            { Reason: { } reason, Pause: { } pause } => await catalog.PostponeAsync(task, reason, now + pause, now, CancellationToken.None),
            { Reason: { } reason } => await catalog.FailAsync(
                task, reason, result.Log, RetryAt(task, result, now), now, CancellationToken.None),
        };
        if (!held)
        {
            Log.Lost(logger, task.Kind, task.Id, task.Asset);
        }
        else if (result is { Reason: { } waits, Pause: { } pause })
        {
            Log.Waits(logger, task.Kind, task.Id, task.Asset, pause, waits);
        }
        else if (result?.Reason is { } reason)
        {
            Log.Failed(logger, task.Kind, task.Id, task.Asset, FailuresBefore(task, result) + 1, reason);
        }
    }

    private static DateTimeOffset? RetryAt(WorkTask task, TaskResult result, DateTimeOffset now) =>
        result.MayRetry && RetryDelay.MayFollow(FailuresBefore(task, result))
            ? now + RetryDelay.After(FailuresBefore(task, result), Random.Shared.NextDouble())
            : null;

    /// <summary>As the catalog counts them, which forgets them at each publication.</summary>
    private static int FailuresBefore(WorkTask task, TaskResult result) => result.MadeProgress ? 0 : task.Failures;

    private async Task RenewAsync(TaskAttempt attempt, CancellationToken ended)
    {
        var until = attempt.Task.LeaseUntil;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Renewal, clock, ended);
                var longer = clock.GetUtcNow() + Lease;
                if (!await catalog.RenewAsync(attempt.Task, longer, ended))
                {
                    attempt.Stop();
                    return;
                }

                until = longer;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The catalog cannot be written now. The lease may outlast that; if not, the task is somebody else's.
                Log.NotRenewed(logger, e, attempt.Task.Id);
                if (clock.GetUtcNow() >= until)
                {
                    attempt.Stop();
                    return;
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Kind} task {Task} of {Asset} broke")]
        public static partial void Broke(ILogger logger, Exception e, JobKind kind, long task, AssetId asset);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} task {Task} of {Asset} failed, {Failures} in a row: {Reason}")]
        public static partial void Failed(ILogger logger, JobKind kind, long task, AssetId asset, int failures, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} task {Task} of {Asset} waits, next look in {Pause}: {Reason}")]
        public static partial void Waits(ILogger logger, JobKind kind, long task, AssetId asset, TimeSpan pause, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Kind} task {Task} of {Asset} is no longer ours; what it did last does not count")]
        public static partial void Lost(ILogger logger, JobKind kind, long task, AssetId asset);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of task {Task} could not be renewed")]
        public static partial void NotRenewed(ILogger logger, Exception e, long task);
    }
}
