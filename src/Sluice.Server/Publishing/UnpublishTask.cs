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
            var record = row.Form == PublicationForm.Ts ? TsTree.RecordOf(row.Name) : $"{row.Name}/{CmafTree.Record}";
            var progress = new JobProgress(board, task.JobId, clock).Of(1000);
            var files = await publisher.UnpublishAsync(record, target, part => progress((long)(part * 1000)), ct);
            var isGone = target.CanRemove || files is null;
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
