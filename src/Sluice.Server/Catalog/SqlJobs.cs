using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Jobs and their tasks: made, read, removed.</summary>
internal abstract partial class SqlCatalog
{
    /// <inheritdoc />
    public Task<IReadOnlyList<Job>> AddJobsAsync(
        AssetId asset, IReadOnlyList<NewJob> jobs, DateTimeOffset now, CancellationToken ct) =>
        WriteAsync(OfAsset(asset), async (connection, transaction) => await FindAsync(connection, transaction, asset, ct) is null
            ? []
            : await InsertJobsAsync(connection, transaction, asset, jobs, now, ct), ct);

    /// <inheritdoc />
    public Task<WorkTask?> AddTaskAsync(string jobId, NewTask task, DateTimeOffset now, CancellationToken ct) =>
        WriteAsync(OfJob(jobId), async (connection, transaction) =>
        {
            if (await FindJobAsync(connection, transaction, jobId, ct) is not { } job
                || job.State is JobState.Failed or JobState.Cancelled)
            {
                return null;
            }

            await RunAsync(
                connection, transaction,
                $"""
                UPDATE jobs SET state = '{StateNames.Running}', finished_at = NULL WHERE id = $job AND state = '{StateNames.Done}';
                UPDATE jobs SET updated_at = $now WHERE id = $job
                """,
                ct, ("$job", jobId), ("$now", AssetRow.ToMicroseconds(now)));
            return await InsertTaskAsync(connection, transaction, job, task, now, ct);
        }, ct);

    /// <inheritdoc />
    public Task<Job?> FindJobAsync(string id, CancellationToken ct) => ReadAsync(
        connection => FindJobAsync(connection, null, id, ct), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<Job>> ListJobsAsync(AssetId? asset, string? after, int limit, CancellationToken ct)
    {
        const string OfLibrary = "NOT EXISTS (SELECT 1 FROM assets a WHERE a.id = j.asset AND a.owner IS NOT NULL)";
        const string Later = "(j.created_at, j.id) < (SELECT created_at, id FROM jobs WHERE id = $after)";
        var which = (asset, after) switch
        {
            (null, null) => " WHERE " + OfLibrary,
            (null, _) => $" WHERE {OfLibrary} AND {Later}",
            (_, null) => " WHERE j.asset = $asset",
            _ => " WHERE j.asset = $asset AND " + Later,
        };
        return ReadAsync(
            connection => ReadAllAsync(
                connection, $"{JobRow.Select}{which} ORDER BY j.created_at DESC, j.id DESC LIMIT $limit", JobRow.Read, ct,
                ("$asset", asset?.Value), ("$after", after), ("$limit", limit)),
            ct);
    }

    private static Task<Job?> FindJobAsync(
        DbConnection connection, DbTransaction? transaction, string id, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, JobRow.Select + " WHERE j.id = $id", JobRow.Read, ct, ("$id", id));

    private async Task<IReadOnlyList<Job>> InsertJobsAsync(
        DbConnection connection, DbTransaction transaction, AssetId asset, IReadOnlyList<NewJob> jobs,
        DateTimeOffset now, CancellationToken ct)
    {
        var made = new List<Job>(jobs.Count);
        foreach (var wanted in jobs)
        {
            var job = new Job
            {
                Id = AssetId.New().Value,
                Asset = asset,
                Kind = wanted.Kind,
                State = JobState.Queued,
                TaskCount = wanted.Tasks.Count,
                CreatedAt = now,
                UpdatedAt = now,
            };
            if (wanted.Kind == JobKind.Encode)
            {
                await ForgetGatheredAsync(connection, transaction, asset.Value, ct);
            }

            await RunAsync(
                connection, transaction,
                "INSERT INTO jobs (id, asset, kind, state, created_at, updated_at) VALUES ($id, $asset, $kind, $state, $now, $now)",
                ct, ("$id", job.Id), ("$asset", asset.Value), ("$kind", job.Kind.Name()), ("$state", job.State.Name()),
                ("$now", AssetRow.ToMicroseconds(now)));
            foreach (var task in wanted.Tasks)
            {
                await InsertTaskAsync(connection, transaction, job, task, now, ct);
            }

            made.Add(job);
        }

        return made;
    }

    private async Task<WorkTask?> InsertTaskAsync(
        DbConnection connection, DbTransaction transaction, Job job, NewTask task, DateTimeOffset now, CancellationToken ct) =>
        HereTime(await ReadOneAsync(
            connection, transaction,
            $"""
            INSERT INTO tasks (job, asset, kind, urgency, first_chunk, end_chunk, renditions, state, not_before)
            VALUES ($job, $asset, $kind, $urgency, $first, $end, $renditions, '{StateNames.Queued}', $due)
            RETURNING {TaskRow.Columns}
            """,
            TaskRow.Read, ct,
            ("$job", job.Id), ("$asset", job.Asset.Value), ("$kind", job.Kind.Name()), ("$urgency", (int)task.Urgency),
            ("$first", task.FirstChunk), ("$end", task.EndChunk), ("$renditions", task.Renditions),
            ("$due", AssetRow.ToMicroseconds(now + task.Delay + Ahead))));

    private static Task<int> RemoveWorkAsync(
        DbConnection connection, DbTransaction transaction, AssetId asset, CancellationToken ct) =>
        RunAsync(
            connection, transaction,
            "DELETE FROM chunks WHERE asset = $asset; DELETE FROM tasks WHERE asset = $asset; DELETE FROM jobs WHERE asset = $asset; "
            + "DELETE FROM views WHERE asset = $asset; DELETE FROM publications WHERE asset = $asset",
            ct, ("$asset", asset.Value));
}
