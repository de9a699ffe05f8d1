using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Jobs as their operator and their tasks change them.</summary>
internal abstract partial class SqlCatalog
{
    private const string NothingIsOpen = $"NOT EXISTS (SELECT 1 FROM tasks WHERE job = $job AND state IN {OpenStates})";

    private const string FirstFailed = $"FROM tasks WHERE job = $job AND state = '{StateNames.Failed}' ORDER BY id LIMIT 1";

    // A task that runs goes back to the queue as if it had not been claimed: its worker finds that it lost the lease.
    private const string PauseTasks =
        $"""
        UPDATE tasks SET state = '{StateNames.Queued}', attempts = attempts - 1, owner = NULL, lease_until = NULL
        WHERE job = $job AND state = '{StateNames.Running}';
        """;

    private const string CancelTasks =
        $"""
        UPDATE tasks SET state = '{StateNames.Cancelled}', owner = NULL, lease_until = NULL
        WHERE job = $job AND state IN {OpenStates};
        """;

    private const string RetryTasks =
        $"""
        UPDATE tasks SET state = '{StateNames.Queued}', attempts = 0, failures = 0, not_before = $now, reason = NULL, log = NULL
        WHERE job = $job AND state IN ('{StateNames.Failed}', '{StateNames.Cancelled}');
        UPDATE jobs SET reason = NULL, log = NULL WHERE id = $job;
        """;

    /// <inheritdoc />
    public Task<Job?> ChangeJobAsync(string id, JobChange change, DateTimeOffset now, CancellationToken ct) =>
        WriteAsync(OfJob(id), async (connection, transaction) =>
        {
            if (await FindJobAsync(connection, transaction, id, ct) is not { } job
                || Plan(change, job.State) is not { } plan)
            {
                return await FindJobAsync(connection, transaction, id, ct);
            }

            // Whether a resumed job had begun is seen from the fences: they are kept when a lease ends.
            await RunAsync(
                connection, transaction,
                $"""
                {plan.Tasks}
                UPDATE jobs SET
                  state = CASE WHEN $state = '{StateNames.Running}' AND NOT EXISTS (SELECT 1 FROM tasks WHERE job = $job AND fence > 0)
                    THEN '{StateNames.Queued}' ELSE $state END,
                  finished_at = $finished, updated_at = $now
                WHERE id = $job
                """,
                ct, ("$job", id), ("$state", plan.State.Name()), ("$now", AssetRow.ToMicroseconds(now)),
                ("$finished", plan.State == JobState.Cancelled ? AssetRow.ToMicroseconds(now) : null));
            return await FindJobAsync(connection, transaction, id, ct);
        }, ct);

    /// <inheritdoc />
    public Task ReportAsync(string jobId, double progress, string? reason, DateTimeOffset now, CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(
            connection, transaction,
            "UPDATE jobs SET progress = $progress, reason = COALESCE($reason, reason), updated_at = $now WHERE id = $job",
            ct, ("$job", jobId), ("$progress", Math.Clamp(progress, 0, 1)), ("$reason", reason),
            ("$now", AssetRow.ToMicroseconds(now))), ct);

    /// <summary>What a change does to a job in <paramref name="state"/>; null when it makes no sense.</summary>
    private static (string Tasks, JobState State)? Plan(JobChange change, JobState state) => (change, state) switch
    {
        (JobChange.Pause, JobState.Queued or JobState.Running) => (PauseTasks, JobState.Paused),
        (JobChange.Resume, JobState.Paused) => ("", JobState.Running),
        (JobChange.Cancel, JobState.Queued or JobState.Running or JobState.Paused) => (CancelTasks, JobState.Cancelled),
        (JobChange.Retry, JobState.Failed or JobState.Cancelled) => (RetryTasks, JobState.Queued),
        _ => null,
    };

    /// <summary>Ends a job whose last task has ended: failed when a task was given up, else done. One whose tasks all wait for a later moment runs no more.</summary>
    private static Task<int> SettleAsync(
        DbConnection connection, DbTransaction transaction, string job, DateTimeOffset now, CancellationToken ct) =>
        RunAsync(
            connection, transaction,
            $"""
            UPDATE jobs SET updated_at = $now WHERE id = $job;
            UPDATE jobs SET
              state = '{StateNames.Failed}', finished_at = $now,
              reason = (SELECT reason {FirstFailed}), log = (SELECT log {FirstFailed})
            WHERE id = $job AND state IN {OpenStates} AND {NothingIsOpen} AND EXISTS (SELECT 1 {FirstFailed});
            UPDATE jobs SET state = '{StateNames.Done}', finished_at = $now
            WHERE id = $job AND state IN {OpenStates} AND {NothingIsOpen};
            UPDATE jobs SET state = '{StateNames.Queued}'
            WHERE id = $job AND state = '{StateNames.Running}' AND NOT EXISTS (
              SELECT 1 FROM tasks
              WHERE job = $job AND (state = '{StateNames.Running}' OR (state = '{StateNames.Queued}' AND not_before <= $now)));
            DELETE FROM chunks WHERE number = $mark AND asset = (
              SELECT asset FROM jobs WHERE id = $job AND kind = $encode AND state IN ('{StateNames.Done}', '{StateNames.Failed}'));
            """,
            ct, ("$job", job), ("$now", AssetRow.ToMicroseconds(now)), ("$mark", GatheredMark), ("$encode", JobKind.Encode.Name()));
}
