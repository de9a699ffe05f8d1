using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Publishing;

/// <summary>Takes one title away from one target, as far as that can be done.</summary>
internal sealed class UnpublishTask(
    IPublicationCatalog publications, PublishTargets targets, TreePublisher publisher, ProgressBoard board, TimeProvider clock) : ITaskExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.Unpublish;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (await publications.FindPublicationAsync(task.JobId, ct) is not { } row)
        {
            return TaskResult.Done; // A later job has taken its place.
        }

        try
        {
            var target = targets.Require(row.Target);
            var place = row.Form == PublicationForm.Ts
                ? TreePlace.Flat(row.Name) with { Listed = await PublishTask.ListedAsync(publications, row.Target, target, ct) }
                : TreePlace.Folder(row.Name);
            var progress = new JobProgress(board, task.JobId, clock).Of(1000);
            var files = await publisher.UnpublishAsync(place, target, part => progress((long)(part * 1000)), ct);

            // Where nothing can be removed, all that was ever sent to the end is there, whatever the place says of its record.
            var isGone = target.CanRemove || (files is null && row.Bytes == 0);
            await publications.EndPublicationAsync(
                task.JobId, p => isGone ? null : p with { PublishedAt = null, Note = TreePublisher.LeftThere(target) }, ct);
            return TaskResult.Done;
        }
        catch (PublishException e)
        {
            return TaskResult.Failed($"{e.Message} {e.Hint}", mayRetry: e.MayPass);
        }
    }
}
