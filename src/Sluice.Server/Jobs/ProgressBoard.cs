using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// How far the jobs are that run in this process, finer than the catalog knows it: executors report here as often as
/// they like, watchers are told, and the catalog is told now and then.
/// </summary>
internal sealed partial class ProgressBoard(IWorkCatalog catalog, ChangeFeed feed, TimeProvider clock, ILogger<ProgressBoard> logger)
    : IDisposable
{
    /// <summary>Between two writes of one job's progress.</summary>
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unwritten = new(StringComparer.Ordinal);

    /// <summary>Reports progress of a job that runs here; of any other it does nothing.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">0 to 1, of the whole job.</param>
    /// <param name="speed">Seconds of media done in a second; null when unknown.</param>
    /// <param name="etaSeconds">Seconds until the job is done; null when unknown.</param>
    /// <param name="ct">Cancels the write.</param>
    public async ValueTask ReportAsync(string jobId, double progress, double? speed, double? etaSeconds, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        bool write;
        lock (_gate)
        {
            if (!_entries.TryGetValue(jobId, out var entry))
            {
                return;
            }

            entry.Status = entry.Status with { Progress = Math.Clamp(progress, 0, 1), Speed = speed, EtaSeconds = etaSeconds };
            entry.IsUnsaved = true;
            write = now - entry.WrittenAt >= BetweenWrites;
            entry.WrittenAt = write ? now : entry.WrittenAt;
            feed.Publish(new JobChanged(entry.Status));
        }

        if (write)
        {
            await SaveAsync(jobId, ct);
        }
    }

    /// <summary>Tells why a task of a job ended, which the catalog could not be told; null when another attempt begins.</summary>
    public void Tell(string jobId, string? reason)
    {
        lock (_gate)
        {
            if (reason is null)
            {
                _unwritten.Remove(jobId);
            }
            else
            {
                _unwritten[jobId] = reason;
            }
        }
    }

    /// <summary>Reads a job anew after something changed it, and tells the watchers; null when it is gone.</summary>
    public async Task<Job?> RefreshAsync(string jobId, CancellationToken ct)
    {
        // One at a time: what is read first must not be told last.
        await _refreshing.WaitAsync(ct);
        try
        {
            await SaveAsync(jobId, ct);
            return Show(jobId, await catalog.FindJobAsync(jobId, ct));
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>A job as the catalog has it, with what is known here beyond that.</summary>
    public JobStatus Describe(Job job)
    {
        lock (_gate)
        {
            return StatusOf(job);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _refreshing.Dispose();

    private Job? Show(string jobId, Job? job)
    {
        lock (_gate)
        {
            if (job is null)
            {
                _entries.Remove(jobId);
                _unwritten.Remove(jobId);
                return null;
            }

            var status = StatusOf(job);
            if (job.State is JobState.Running)
            {
                var entry = _entries.TryGetValue(jobId, out var known) ? known : _entries[jobId] = new Entry { Status = status };
                entry.Status = status;
            }
            else
            {
                _entries.Remove(jobId);
            }

            feed.Publish(new JobChanged(status));
        }

        return job;
    }

    private JobStatus StatusOf(Job job)
    {
        var live = job.State == JobState.Running && _entries.TryGetValue(job.Id, out var entry) && entry.WrittenAt != default
            ? entry.Status
            : null;
        return new JobStatus(
            job.Id, job.Asset, job.Kind, job.State, live?.Progress ?? job.Progress, live?.Speed, live?.EtaSeconds,
            _unwritten.GetValueOrDefault(job.Id) ?? job.ShownReason);
    }

    private async Task SaveAsync(string jobId, CancellationToken ct)
    {
        double progress;
        lock (_gate)
        {
            if (!_entries.TryGetValue(jobId, out var entry) || !entry.IsUnsaved)
            {
                return;
            }

            entry.IsUnsaved = false;
            progress = entry.Status.Progress;
        }

        try
        {
            await catalog.ReportAsync(jobId, progress, null, clock.GetUtcNow(), ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A number on a page is not worth an attempt; the next report is written again.
            Log.NotSaved(logger, e, jobId);
        }
    }

    private sealed class Entry
    {
        public required JobStatus Status { get; set; }

        public DateTimeOffset WrittenAt { get; set; }

        public bool IsUnsaved { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The progress of job {Job} could not be written")]
        public static partial void NotSaved(ILogger logger, Exception e, string job);
    }
}
