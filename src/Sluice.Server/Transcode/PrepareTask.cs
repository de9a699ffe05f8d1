using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Looks again at a file that did not play when it came: ffmpeg was not there, was too old, or had no memory. It is as if the file
/// came now, under the same name and with the same links.
/// </summary>
internal sealed class PrepareTask(
    AssetDirectory assets, ICatalog catalog, IObjectStore store, TitlePreparation preparation, TitlePublishing publishing, JobControl jobs, Gatherer gatherer)
    : ITaskExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.Prepare;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (await assets.FindAsync(task.Asset, ct) is { State: AssetState.Ready or AssetState.Processing })
        {
            return TaskResult.Done; // By a process that was killed then.
        }

        try
        {
            await using var source = await store.FileOfAsync(ObjectKey.Source(task.Asset), ct);
            if (source is null || await assets.FindAsync(task.Asset, ct) is null)
            {
                return TaskResult.Failed("the title or its source is not there any more", mayRetry: false);
            }

            await using var stage = store.Stage(task.Asset);
            var prepared = await preparation.AgainAsync(source.Path, stage.PathOf, ct);
            if (prepared.RefusedReason is not null || prepared.State == AssetState.NeedsTranscode)
            {
                return TaskResult.Failed(prepared.RefusedReason ?? prepared.Reason ?? "it cannot be encoded", mayRetry: false);
            }

            await publishing.StoreAsync(task.Asset, stage, prepared, ct);
            var going = (await catalog.ListJobsAsync(task.Asset, null, 100, ct)).Where(j => j.FinishedAt is null).Select(j => j.Kind).ToList();
            await jobs.AddAsync(task.Asset, [.. prepared.Jobs.Where(j => !going.Contains(j.Kind))], ct);
            await publishing.OfferAsync(task.Asset, prepared, ct);
            gatherer.Offer(task.Asset);
            return TaskResult.Done;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
    }
}
