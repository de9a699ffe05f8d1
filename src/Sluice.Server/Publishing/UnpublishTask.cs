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
            var place = (row.Form == PublicationForm.Ts
                ? TreePlace.Flat(row.Name) with { Listed = PublishTask.ListedAt(publications, row.Target, target) }
                : TreePlace.Folder(row.Name)) with
            {
                // Else a server that is killed right after would look for the record for ever.
                BeforeForgetting = () => publications.EndPublicationAsync(task.JobId, p => p with { Bytes = 0, PublishedAt = null }, ct),
            };
            var progress = new JobProgress(board, task.JobId, clock).Of(1000);
            var files = await publisher.UnpublishAsync(place, target, part => progress((long)(part * 1000)), ct);

            // All that was ever sent to the end is there, whatever the place says of its record.
            if (target.CanRemove && files is null or 0 && row.Bytes > 0)
            {
                return TaskResult.Failed(RecordLost(target));
            }

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

    private static string RecordLost(IPublishTarget target) =>
        $"{target.Name} has no record of the title's files, so none was removed; they may all be there. "
        + "Try again, and if they were removed by other means, publish the title again before.";
}
