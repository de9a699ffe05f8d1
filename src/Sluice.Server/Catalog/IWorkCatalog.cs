namespace Sluice.Server.Catalog;

/// <summary>The part of the catalog that holds work: jobs, their tasks, and the chunks that they published.</summary>
internal interface IWorkCatalog
{
    /// <summary>Adds jobs of an asset with their tasks, all or none; none when there is no such asset.</summary>
    Task<IReadOnlyList<Job>> AddJobsAsync(AssetId asset, IReadOnlyList<NewJob> jobs, DateTimeOffset now, CancellationToken ct);

    /// <summary>Adds one task to a job that is neither failed nor cancelled; a job that was done is running again. Null
    /// when there is no such job.</summary>
    Task<WorkTask?> AddTaskAsync(string jobId, NewTask task, DateTimeOffset now, CancellationToken ct);

    /// <summary>The job, or null.</summary>
    Task<Job?> FindJobAsync(string id, CancellationToken ct);

    /// <summary>Jobs, newest first, at most <paramref name="limit"/>; those of one asset when it is given, else those of the library, and after
    /// <paramref name="after"/> in that order when it is given.</summary>
    Task<IReadOnlyList<Job>> ListJobsAsync(AssetId? asset, string? after, int limit, CancellationToken ct);

    /// <summary>
    /// Claims the task that is most urgent, then oldest, of those at or above <paramref name="least"/> that are queued and due, or
    /// whose holder let the lease pass, and whose job is queued or running. One statement: two claimants never get the same.
    /// </summary>
    /// <returns>The task with its new fence and attempt count, or null when there is nothing to do.</returns>
    Task<WorkTask?> ClaimAsync(string owner, Urgency least, DateTimeOffset now, TimeSpan lease, CancellationToken ct);

    /// <summary>Makes the lease longer; false when it was lost (another claim, or the job was paused, cancelled or removed).</summary>
    Task<bool> RenewAsync(WorkTask task, DateTimeOffset until, CancellationToken ct);

    /// <summary>The task is done; false when the lease was lost. The last task of a job ends the job.</summary>
    Task<bool> CompleteAsync(WorkTask task, DateTimeOffset now, CancellationToken ct);

    /// <summary>The attempt failed: again from <paramref name="retryAt"/> on, or never when null. False when the lease was lost.</summary>
    Task<bool> FailAsync(WorkTask task, string reason, string? log, DateTimeOffset? retryAt, DateTimeOffset now, CancellationToken ct);

    /// <summary>Hands the task back as if it had never been claimed (the attempt does not count): the server stops.</summary>
    Task<bool> ReleaseAsync(WorkTask task, DateTimeOffset now, CancellationToken ct);

    /// <summary>Hands the task back with a reason, to be claimed again from <paramref name="until"/> on: what it needs is not there now,
    /// which is no fault of its own. The attempt does not count.</summary>
    Task<bool> PostponeAsync(WorkTask task, string reason, DateTimeOffset until, DateTimeOffset now, CancellationToken ct);

    /// <summary>Hands back every task that <paramref name="owner"/> holds: it was killed and starts again. These attempts
    /// count.</summary>
    Task ReleaseOwnedAsync(string owner, CancellationToken ct);

    /// <summary>The earliest instant after <paramref name="after"/> at which a waiting task at or above
    /// <paramref name="least"/> becomes due or the lease of one passes; null when there is none.</summary>
    Task<DateTimeOffset?> NextDueAsync(Urgency least, DateTimeOffset after, CancellationToken ct);

    /// <summary>Pauses, resumes, cancels or retries (failed and cancelled tasks are queued anew) a job; null when there is
    /// no such job, the unchanged job when the change makes no sense.</summary>
    Task<Job?> ChangeJobAsync(string id, JobChange change, DateTimeOffset now, CancellationToken ct);

    /// <summary>Sets <see cref="Job.Progress"/>, and a reason when it is not null.</summary>
    Task ReportAsync(string jobId, double progress, string? reason, DateTimeOffset now, CancellationToken ct);

    /// <summary>Publishes a chunk whose object is stored: false when the lease of <paramref name="task"/> was lost, the
    /// chunk exists already or its rendition was gathered; the caller then removes its object.</summary>
    Task<bool> PublishChunkAsync(WorkTask task, ChunkRow chunk, CancellationToken ct);

    /// <summary>All chunks of an asset, by rendition and number.</summary>
    Task<IReadOnlyList<ChunkRow>> ListChunksAsync(AssetId asset, CancellationToken ct);

    /// <summary>One chunk of an asset; null when it is not published.</summary>
    Task<ChunkRow?> FindChunkAsync(AssetId asset, string rendition, int number, CancellationToken ct);

    /// <summary>Forgets one chunk: it can be made again.</summary>
    Task RemoveChunkAsync(AssetId asset, ChunkRow chunk, CancellationToken ct);

    /// <summary>The chunks of one rendition were gathered into its index: none of it is published from here on, by this job. What a worker still makes of it comes too late.</summary>
    Task MarkGatheredAsync(AssetId asset, string rendition, CancellationToken ct);

    /// <summary>Whether <see cref="MarkGatheredAsync"/> was said of it and its job has not ended since.</summary>
    Task<bool> IsGatheredAsync(AssetId asset, string rendition, CancellationToken ct);

    /// <summary>Forgets the chunks of one rendition: they were gathered into its index.</summary>
    Task RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct);

    /// <summary>Titles of which a job that encodes them ended after <paramref name="since"/> and not after <paramref name="until"/>, and when; those first of which it ended first.</summary>
    Task<IReadOnlyList<(AssetId Asset, DateTimeOffset EndedAt)>> EncodedAsync(DateTimeOffset since, DateTimeOffset until, int limit, CancellationToken ct);
}

/// <summary>What an operator does to a job.</summary>
internal enum JobChange
{
    /// <summary>No task of it is claimed; those that run are stopped at once. Published chunks stay.</summary>
    Pause,

    /// <summary>A paused job goes on.</summary>
    Resume,

    /// <summary>The job ends; published chunks stay.</summary>
    Cancel,

    /// <summary>A failed or cancelled job begins again with what is missing.</summary>
    Retry,
}
