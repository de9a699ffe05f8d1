using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>How the rest of the server makes work and changes it: in the catalog first, then whoever must know is told.</summary>
internal sealed class JobControl(
    IWorkCatalog catalog, IJobQueue queue, RunningTasks running, ProgressBoard board, TimeProvider clock)
{
    /// <inheritdoc cref="IWorkCatalog.AddJobsAsync" />
    public async Task<IReadOnlyList<Job>> AddAsync(AssetId asset, IReadOnlyList<NewJob> jobs, CancellationToken ct)
    {
        var added = await catalog.AddJobsAsync(asset, jobs, clock.GetUtcNow(), ct);
        Announce(jobs);
        foreach (var job in added)
        {
            await board.RefreshAsync(job.Id, ct);
        }

        return added;
    }

    /// <inheritdoc cref="IWorkCatalog.AddTaskAsync" />
    public async Task<WorkTask?> AddTaskAsync(string jobId, NewTask task, CancellationToken ct)
    {
        var added = await catalog.AddTaskAsync(jobId, task, clock.GetUtcNow(), ct);
        queue.Announce(task.Urgency, 1);
        return added;
    }

    /// <summary>Says that jobs were added together with their asset.</summary>
    public void Announce(IReadOnlyList<NewJob> jobs)
    {
        foreach (var (urgency, tasks) in jobs.SelectMany(job => job.Tasks).CountBy(task => task.Urgency))
        {
            queue.Announce(urgency, tasks);
        }
    }

    /// <summary>Pauses, resumes, cancels or retries a job; what runs of it in this process is stopped before this returns
    /// its new state. Null when there is no such job, the unchanged job when the change makes no sense.</summary>
    public async Task<Job?> ChangeAsync(string jobId, JobChange change, CancellationToken ct)
    {
        var job = await catalog.ChangeJobAsync(jobId, change, clock.GetUtcNow(), ct);
        switch (job?.State)
        {
            case JobState.Paused or JobState.Cancelled:
                running.Stop(jobId);
                break;
            case JobState.Queued or JobState.Running:
                // How urgent its tasks are, only the catalog knows.
                foreach (var urgency in Enum.GetValues<Urgency>())
                {
                    queue.Announce(urgency);
                }

                break;
        }

        await board.RefreshAsync(jobId, CancellationToken.None);
        return job;
    }
}
