using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Catalog;

/// <summary>Tasks as workers see them: claimed, held, handed back.</summary>
internal abstract partial class SqlCatalog
{
    /// <summary>Of tasks that are to be done, and of jobs that may be worked on.</summary>
    private const string OpenStates = $"('{StateNames.Queued}', '{StateNames.Running}')";

    /// <summary>What a session plays is encoded where the session is: nobody else reaches its source (<see cref="Asset.Owner"/> names the hold).</summary>
    private const string MayReachSource =
        """
        NOT EXISTS (
            SELECT 1 FROM assets a WHERE a.id = tasks.asset AND a.owner IS NOT NULL AND a.owner <> 'session'
            AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.name = a.owner AND h.owner = $owner))
        """;

    private const string JobIsLive = $"EXISTS (SELECT 1 FROM jobs j WHERE j.id = tasks.job AND j.state IN {OpenStates})";

    /// <summary>And it is not of a paused job, as far as the row knows: thousands of them at the head are left out by the index.</summary>
    private const string MayBeLive = $"paused = 0 AND {JobIsLive}";

    /// <summary>From when on an open task may be claimed.</summary>
    private const string Due = $"CASE state WHEN '{StateNames.Queued}' THEN not_before ELSE lease_until END";

    /// <summary>The task is still the worker's who has this fence.</summary>
    private const string Held =
        $"id = $task AND fence = $fence AND state = '{StateNames.Running}' AND {JobIsLive}";

    // The fence comes from one counter for all tasks, not one for each: two tasks that make the same chunk must not name
    // their objects alike. The states are named, and `paused` too,
    // so that the index of tasks that are ready is used.
    private string Claim =>
        $"""
        UPDATE tasks SET
          state = '{StateNames.Running}', attempts = attempts + 1, owner = $owner, lease_until = $until,
          fence = {NextFence}
        WHERE id = (
          SELECT id FROM tasks
          WHERE state IN {OpenStates} AND urgency >= $least AND {Due} <= $now AND {MayBeLive} AND {MayReachSource}
          ORDER BY urgency DESC, id LIMIT 1{FreeRowLock})
        RETURNING {TaskRow.Columns}
        """;

    /// <inheritdoc />
    public Task<WorkTask?> ClaimAsync(string owner, Urgency least, DateTimeOffset now, TimeSpan lease, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            var claimed = await ReadOneAsync(
                connection, transaction, Claim, TaskRow.Read, ct,
                ("$owner", owner), ("$least", (int)least), ("$now", AssetRow.ToMicroseconds(now + Ahead)),
                ("$until", AssetRow.ToMicroseconds(now + lease + Ahead)));
            if (claimed is not null)
            {
                await RunAsync(
                    connection, transaction,
                    $"""
                    UPDATE jobs SET state = '{StateNames.Running}', updated_at = $now
                    WHERE id = $job AND state = '{StateNames.Queued}'
                    """,
                    ct, ("$job", claimed.JobId), ("$now", AssetRow.ToMicroseconds(now)));
            }

            return HereTime(claimed);
        }, ct);

    /// <inheritdoc />
    public Task<bool> RenewAsync(WorkTask task, DateTimeOffset until, CancellationToken ct) =>
        WriteAsync((connection, transaction) => ChangeHeldAsync(
            connection, transaction, task, "lease_until = $until", ct, ("$until", AssetRow.ToMicroseconds(until + Ahead))), ct);

    /// <inheritdoc />
    public Task<bool> CompleteAsync(WorkTask task, DateTimeOffset now, CancellationToken ct) =>
        EndAttemptAsync(task, $"state = '{StateNames.Done}', reason = NULL, log = NULL", now, ct);

    /// <inheritdoc />
    public Task<bool> FailAsync(
        WorkTask task, string reason, string? log, DateTimeOffset? retryAt, DateTimeOffset now, CancellationToken ct) =>
        EndAttemptAsync(
            task, "state = $state, failures = failures + 1, reason = $reason, log = $log, not_before = $retry_at", now, ct,
            ("$state", (retryAt is null ? WorkState.Failed : WorkState.Queued).Name()), ("$reason", reason), ("$log", log),
            ("$retry_at", AssetRow.ToMicroseconds((retryAt ?? now) + Ahead)));

    /// <inheritdoc />
    public Task<bool> ReleaseAsync(WorkTask task, DateTimeOffset now, CancellationToken ct) =>
        EndAttemptAsync(task, $"state = '{StateNames.Queued}', attempts = attempts - 1", now, ct);

    /// <inheritdoc />
    public Task<bool> PostponeAsync(WorkTask task, string reason, DateTimeOffset until, DateTimeOffset now, CancellationToken ct) =>
        EndAttemptAsync(
            task, $"state = '{StateNames.Queued}', attempts = attempts - 1, reason = $reason, log = NULL, not_before = $until", now, ct,
            ("$reason", reason), ("$until", AssetRow.ToMicroseconds(until + Ahead)));

    /// <inheritdoc />
    public Task ReleaseOwnedAsync(string owner, CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(
            connection, transaction,
            $"""
            UPDATE tasks SET state = '{StateNames.Queued}', owner = NULL, lease_until = NULL
            WHERE state = '{StateNames.Running}' AND owner = $owner
            """,
            ct, ("$owner", owner)), ct);

    /// <inheritdoc />
    public Task<DateTimeOffset?> NextDueAsync(Urgency least, DateTimeOffset after, CancellationToken ct) => ReadAsync<DateTimeOffset?>(
        async connection =>
        {
            // One look into the index for each urgency: among a million tasks that are due, the next that is not yet.
            long? next = null;
            for (var urgency = least; urgency <= Enum.GetValues<Urgency>()[^1]; urgency++)
            {
                await using var command = Command(
                    connection, null,
                    $"""
                    SELECT {Due} FROM tasks
                    WHERE state IN {OpenStates} AND urgency = $urgency AND {Due} > $after AND {MayBeLive}
                    ORDER BY {Due} LIMIT 1
                    """,
                    [("$urgency", (int)urgency), ("$after", AssetRow.ToMicroseconds(after + Ahead))]);
                next = await command.ExecuteScalarAsync(ct) is long due && !(next <= due) ? due : next;
            }

            return next is { } found ? AssetRow.FromMicroseconds(found) - Ahead : null;
        },
        ct);

    /// <summary>A task whose times are those of the caller's clock.</summary>
    [return: NotNullIfNotNull(nameof(task))]
    private WorkTask? HereTime(WorkTask? task) =>
        task is null ? null : task with { NotBefore = task.NotBefore - Ahead, LeaseUntil = task.LeaseUntil - Ahead };

    private Task<bool> EndAttemptAsync(
        WorkTask task, string changes, DateTimeOffset now, CancellationToken ct, params (string Name, object? Value)[] values) =>
        WriteAsync(OfJob(task.JobId), async (connection, transaction) =>
        {
            var held = await ChangeHeldAsync(
                connection, transaction, task, changes + ", owner = NULL, lease_until = NULL", ct, values);
            if (held)
            {
                await SettleAsync(connection, transaction, task.JobId, now, ct);
            }

            return held;
        }, ct);

    private static async Task<bool> ChangeHeldAsync(
        DbConnection connection, DbTransaction transaction, WorkTask task, string changes, CancellationToken ct,
        params (string Name, object? Value)[] values) =>
        await RunAsync(
            connection, transaction, $"UPDATE tasks SET {changes} WHERE {Held}", ct,
            [.. values, ("$task", task.Id), ("$fence", task.Fence)]) > 0;
}
