using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Does the tasks of one kind of job.</summary>
internal interface ITaskExecutor
{
    /// <summary>The kind.</summary>
    JobKind Kind { get; }

    /// <summary>Does one task. What it published stays, however it ends.</summary>
    /// <param name="task">The task, claimed; its fence goes with everything that is published.</param>
    /// <param name="ct">Ends when the lease is lost, the job is paused or cancelled, or the server stops: throw
    /// <see cref="OperationCanceledException"/> soon, with no child process left.</param>
    Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct);
}

/// <summary>How an attempt at a task ended.</summary>
/// <param name="Reason">Why it failed or waits, in words for a person; null when it is done.</param>
/// <param name="Log">The last lines of the tool's own words, without paths; null when there are none.</param>
/// <param name="MayRetry">Another attempt may do better.</param>
internal sealed record TaskResult(string? Reason, string? Log, bool MayRetry)
{
    /// <summary>What the task needs is not there now: it is attempted again after so long, however often. Null when it failed.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>The attempt published something: failures before it count no longer.</summary>
    public bool MadeProgress { get; init; }

    /// <summary>The task is done.</summary>
    public static TaskResult Done { get; } = new(null, null, false);

    /// <summary>The attempt failed.</summary>
    public static TaskResult Failed(string reason, string? log = null, bool mayRetry = true) => new(reason, log, mayRetry);

    /// <summary>The attempt could not be made, or not to its end, for want of something that may come back by itself.</summary>
    public static TaskResult Waiting(string reason, TimeSpan pause) => new(reason, null, true) { Pause = pause };
}
