using Sluice.Server.Catalog;
using Sluice.Server.Deliver;
using Sluice.Server.Jobs;

namespace Sluice.Server.Publishing;

/// <summary>
/// Publishes one title to one target.
/// <code>
///   1 the title, ready, with nothing being made of it any more    else it waits
///   2 its files, listed
///   3 sent: see <see cref="TreePublisher"/>
///   4 the row: it is published
/// </code>
/// A server that is killed does it once more when it is back, and sends what is missing.
/// </summary>
internal sealed class PublishTask(
    AssetDirectory assets, IWorkCatalog catalog, IPublicationCatalog publications, TitleOpening titles, PublishTargets targets, TreePublisher publisher,
    ProgressBoard board, TimeProvider clock) : ITaskExecutor
{
    private const int MostJobs = 200;
    private const string Encrypted = "The title has been encrypted since, and published files would be in the clear.";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Publish;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (await publications.FindPublicationAsync(task.JobId, ct) is not { } row)
        {
            return TaskResult.Done; // A later job has taken its place.
        }

        // :: Step 1
        if (await assets.FindAsync(task.Asset, ct) is not { State: AssetState.Ready } asset)
        {
            return TaskResult.Failed("The title is not there, or does not play.", mayRetry: false);
        }

        if (asset.Secret is not null)
        {
            return TaskResult.Failed(Encrypted, mayRetry: false);
        }

        if (await BusyAsync(task.Asset, ct) is { } busy)
        {
            return TaskResult.Waiting($"Its {busy.Kind.Name()} job is {busy.State.Name()}; what that makes is published too.", BetweenLooks);
        }

        try
        {
            var target = targets.Require(row.Target);
            var bytes = await titles.WithAsync(asset, async parts =>
            {
                // :: Step 2
                var tree = row.Form == PublicationForm.Ts
                    ? await TsTree.MakeAsync(parts, row.Asset.Value, row.Name, asset.Version, ct)
                    : await CmafTree.MakeAsync(parts, row.Asset.Value, row.Name + "/", asset.Version + "/", ct);

                // :: Step 3
                var run = new PublishRun(new JobProgress(board, task.JobId, clock).Of(tree.SizeBytes))
                {
                    Listed = ListedAt(publications, row.Target, target),
                    BeforeListing = () => RequireClearAsync(task.Asset, ct),
                };
                return await publisher.PublishAsync(tree, target, run, ct);
            }, ct);
            if (bytes is null)
            {
                return TaskResult.Failed("The title's files are not there any more.", mayRetry: false);
            }

            // :: Step 4
            await publications.EndPublicationAsync(
                task.JobId, p => p with { Bytes = bytes.Value, PublishedAt = clock.GetUtcNow(), Note = null }, ct);
            return TaskResult.Done;
        }
        catch (PublishException e)
        {
            return TaskResult.Failed($"{e.Message} {e.Hint}", mayRetry: e.MayPass);
        }
        catch (ChunkAbsentException e)
        {
            return TaskResult.Failed($"A segment cannot be made{(e.Reason is null ? "" : ": " + e.Reason)}.");
        }
    }

    /// <summary>What this server has listed at a place that cannot remove, where it is therefore still. Elsewhere others may have taken it away.</summary>
    public static ListedNames ListedAt(IPublicationCatalog publications, string name, IPublishTarget target) => target.CanRemove
        ? PlaylistIndex.NoOthers
        : async ct => [.. (await publications.ListPublishedAsync(name, ct)).Where(p => p.Form == PublicationForm.Ts).Select(p => TsTree.PlaylistOf(p.Name))];

    private async Task RequireClearAsync(AssetId id, CancellationToken ct)
    {
        if (await assets.FindAsync(id, ct) is { Secret: not null })
        {
            throw new PublishException(Encrypted, "Unpublish it: segments that nothing lists are there already.");
        }
    }

    /// <summary>What is still made of the title; null when nothing is.</summary>
    private async Task<Job?> BusyAsync(AssetId asset, CancellationToken ct) => (await catalog.ListJobsAsync(asset, null, MostJobs, ct))
        .FirstOrDefault(j => j.FinishedAt is null && j.Kind is not (JobKind.Publish or JobKind.Unpublish));
}
