using System.Text.Json.Serialization;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Manage;

/// <summary>A job as the API shows it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Asset">Whose.</param>
/// <param name="Kind"><c>remux</c>, <c>encode</c>, <c>extras</c>, <c>replan</c>, <c>prepare</c>, <c>publish</c> or <c>unpublish</c>.</param>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>paused</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="TaskCount">Tasks in all.</param>
/// <param name="TasksDone">Tasks that are done or given up.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Speed">Seconds of media done in a second; null when unknown.</param>
/// <param name="EtaSeconds">Seconds until it is done; null when unknown.</param>
/// <param name="Reason">Why it failed, why a part of it waits, or what it lacks; or null.</param>
/// <param name="Log">The tool's own last words when it failed, or null.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
internal sealed record JobView(
    string Id,
    string Asset,
    [property: Words(typeof(JobKind))] string Kind,
    [property: Words(typeof(JobState))] string State,
    int TaskCount,
    int TasksDone,
    double Progress,
    double? Speed,
    double? EtaSeconds,
    string? Reason,
    string? Log,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>Title of the asset; only in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    /// <summary>The view of <paramref name="job"/>, which is at <paramref name="now"/>.</summary>
    public static JobView Of(Job job, JobStatus now) => new(
        job.Id,
        job.Asset.Value,
        job.Kind.Name(),
        job.State.Name(),
        job.TaskCount,
        job.TasksDone,
        now.Progress,
        now.Speed,
        now.EtaSeconds,
        now.Reason,
        job.Log,
        job.CreatedAt,
        job.UpdatedAt,
        job.FinishedAt);
}

/// <summary>One page of jobs.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">To be sent as <c>after</c> for the next page; null at the end.</param>
internal sealed record JobPage(IReadOnlyList<JobView> Items, string? Next);

/// <summary>Data of the event <c>job</c>; the fields of a <see cref="JobView"/>.</summary>
internal sealed record JobEvent(
    string Id, string Asset, string Kind, string State, double Progress, double? Speed, double? EtaSeconds, string? Reason)
{
    /// <summary>The event that tells <paramref name="job"/>.</summary>
    public static JobEvent Of(JobStatus job) => new(
        job.Id, job.Asset.Value, job.Kind.Name(), job.State.Name(), job.Progress, job.Speed, job.EtaSeconds, job.Reason);
}

/// <summary>Data of the event <c>media</c>; the fields of a <see cref="MediaView"/>.</summary>
internal sealed record MediaEvent(string Id, string State, int Revision)
{
    /// <summary>State of a title that is gone.</summary>
    public const string Removed = "removed";
}
