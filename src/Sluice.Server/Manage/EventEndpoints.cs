using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Jobs;

namespace Sluice.Server.Manage;

/// <summary>Server-sent events: first how things are, then each change.</summary>
internal static class EventEndpoints
{
    /// <summary>Jobs told of at the beginning, newest first.</summary>
    private const int MostAtFirst = 50;

    private const string EventStreamType = "text/event-stream";

    /// <summary>Maps the routes.</summary>
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/media/{id}/events", MediaAsync).RequireAssetReader().WithTags("media")
            .Produces(StatusCodes.Status200OK, contentType: EventStreamType)
            .WithSummary("Server-sent events of one title: `media` (its state), `job` (progress, speed, ETA) and `arrival` (how far it has come).");
        routes.MapGet("/api/v1/jobs/events", JobsAsync).RequireOperator().WithTags("jobs")
            .Produces(StatusCodes.Status200OK, contentType: EventStreamType)
            .WithSummary("Server-sent events of all titles: `media` and `job`; `import`; and `arrival` of files that are coming.");
    }

    private static Task<IResult> MediaAsync(
        AssetId id, HttpContext context, ChangeFeed feed, EventSources sources, CancellationToken ct) =>
        ListenAsync(context, feed, id, sources, async () =>
        {
            var jobs = await sources.Catalog.ListJobsAsync(id, null, MostAtFirst, ct);
            IEnumerable<Change> changes = jobs.Reverse().Select(job => new JobChanged(sources.Board.Describe(job)));
            return await sources.Assets.FindAsync(id, ct) is { } asset
                ? [new MediaChanged(id, asset.State, asset.Revision), .. Arrivals(sources.Arrivals.StatusOf(id)), .. changes]
                : [new MediaRemoved(id)];
        });

    private static Task<IResult> JobsAsync(HttpContext context, ChangeFeed feed, EventSources sources, CancellationToken ct) =>
        ListenAsync(context, feed, null, sources, async () =>
        {
            var jobs = await sources.Catalog.ListJobsAsync(null, null, MostAtFirst, ct);
            var imports = await sources.Imports.ListImportsAsync(null, MostAtFirst, ct);
            return
            [
                .. jobs.Reverse().Where(job => job.FinishedAt is null).Select(job => new JobChanged(sources.Board.Describe(job))),
                .. sources.Arrivals.All().Select(arrival => new ArrivalChanged(arrival)),
                .. imports.Reverse().Where(import => import.IsOpen).Select(import => new ImportChanged(import)),
            ];
        });

    private static IEnumerable<Change> Arrivals(ArrivalStatus? arrival) => arrival is null ? [] : [new ArrivalChanged(arrival)];

    private static async Task<IResult> ListenAsync(
        HttpContext context, ChangeFeed feed, AssetId? only, EventSources sources, Func<Task<Change[]>> first)
    {
        // Listening begins before the first look, so that nothing falls between the two.
        using var listener = feed.Listen(only);
        if (listener is null)
        {
            context.Response.Headers.RetryAfter = "10";
            return Problem.Result(ErrorCode.ListenersFull);
        }

        await new EventStream(context, sources.Clock, sources.Lifetime.ApplicationStopping).RunAsync(listener, await first());
        return TypedResults.Empty;
    }
}

/// <summary>What the event endpoints read.</summary>
internal sealed record EventSources(
    AssetDirectory Assets,
    IWorkCatalog Catalog,
    IImportCatalog Imports,
    ArrivalDesk Arrivals,
    ProgressBoard Board,
    TimeProvider Clock,
    IHostApplicationLifetime Lifetime);
