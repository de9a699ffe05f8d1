using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;

namespace Sluice.Server.Manage;

/// <summary>What the server works on: <c>/api/v1/jobs</c>.</summary>
internal static class JobEndpoints
{
    private const int DefaultPage = 50;
    private const int LargestPage = 200;

    /// <summary>Maps the routes.</summary>
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/api/v1/jobs").WithTags("jobs").RequireOperator();
        jobs.MapGet("/", ListAsync).Produces<JobPage>()
            .WithSummary("Jobs, newest first; those of one title with `asset`.");
        jobs.MapGet("/{id}", GetAsync).Produces<JobView>()
            .WithSummary("One job.");
        foreach (var (name, change, summary) in ((string, JobChange, string)[])
        [
            ("pause", JobChange.Pause, "Stop working on a job; what is done stays."),
            ("resume", JobChange.Resume, "Go on with a paused job."),
            ("cancel", JobChange.Cancel, "End a job; what is done stays."),
            ("retry", JobChange.Retry, "Begin a failed or cancelled job again, with what is missing."),
        ])
        {
            jobs.MapPost("/{id}/" + name, (string id, JobControl control, ProgressBoard board, CancellationToken ct) =>
                    ChangeAsync(id, change, control, board, ct))
                .Produces<JobView>().WithSummary(summary);
        }
    }

    private static async Task<JsonHttpResult<JobPage>> ListAsync(
        IWorkCatalog catalog, AssetDirectory assets, ProgressBoard board, AssetId? asset, string? after, int? limit, CancellationToken ct)
    {
        var count = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        var found = await catalog.ListJobsAsync(asset, after, count, ct);
        var next = found.Count == count ? found[^1].Id : null;
        var views = new List<JobView>();
        foreach (var job in found)
        {
            views.Add(JobView.Of(job, board.Describe(job)) with { Title = (await assets.FindAsync(job.Asset, ct))?.Title });
        }

        return TypedResults.Json(new JobPage(views, next), ManageJson.Default.JobPage);
    }

    private static async Task<IResult> GetAsync(string id, IWorkCatalog catalog, ProgressBoard board, CancellationToken ct) =>
        Shown(await catalog.FindJobAsync(id, ct), board);

    private static async Task<IResult> ChangeAsync(
        string id, JobChange change, JobControl control, ProgressBoard board, CancellationToken ct) =>
        Shown(await control.ChangeAsync(id, change, ct), board);

    private static IResult Shown(Job? job, ProgressBoard board) => job is null
        ? Problem.Result(ErrorCode.JobUnknown)
        : TypedResults.Json(JobView.Of(job, board.Describe(job)), ManageJson.Default.JobView);
}
