using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Far;

namespace Sluice.Server.Transcode;

/// <summary>
/// Plans the renditions below a picture that browsers play as it is, after its publication and in the background. They keep
/// its cuts and its frames, and are listed when they are complete.
/// </summary>
internal sealed class LadderPlanning(
    AssetDirectory assets, IObjectStore store, SourceReader reader, TitlePlanner planner, JobControl jobs,
    Hosting.SluiceOptions options, TimeProvider clock)
{
    /// <summary>Plans, and adds the tasks to the job that this task is of.</summary>
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        var asset = await assets.FindAsync(task.Asset, ct);
        using var stored = await store.OpenAsync(ObjectKey.Plan(task.Asset), ct);
        if (asset is null || stored is null || await EncodePlan.ReadAsync(stored, ct) is not { } copied
            || await RenditionTable.ReadAsync(store, task.Asset, "v0", ct) is not { } table
            || await CopiedFrames.ReadAsync(store, task.Asset, "v0", ct) is not { } frames)
        {
            return TaskResult.Failed("the title or its files are not there any more", mayRetry: false);
        }

        await using var source = await ReadableSource.OpenAsync(store, copied.InputOf(task.Asset), clock, ct);
        if (source is null)
        {
            return TaskResult.Failed("the title's file is not there any more", mayRetry: false);
        }

        var (facts, unreadable) = await reader.ReadAsync(source.Path, ct);
        if (facts?.Picture is not { } picture)
        {
            return TaskResult.Failed(source.Trouble ?? unreadable ?? "ffmpeg finds no picture in it", mayRetry: source.Trouble is not null);
        }

        await using var stage = store.Stage(task.Asset);
        var plan = await planner.PlanAsync(
            new EncodeSource
            {
                Path = source.Path,
                IsRemux = copied.ReadsRemux,
                StartSeconds = facts.StartSeconds,
                Video = EncodeSources.Picture(picture, facts, 0, isOffered: true),
                Copied = table,
                CopiedFrames = frames,
                CopiedVideos = 1,
                CopiedAudios = asset.Renditions.Count(r => r is { Kind: "audio", IsEncoded: false }),
                OriginSeconds = copied.OriginSeconds,
            },
            stage.PathOf, ct);
        if (plan.Problem is { } problem)
        {
            return TaskResult.Failed(problem, mayRetry: false);
        }

        if (plan.Renditions.Count == 0)
        {
            return TaskResult.Done; // The picture is as small as the smallest of the ladder.
        }

        foreach (var rendition in plan.Renditions)
        {
            var key = ObjectKey.Index(task.Asset, rendition.Id);
            await store.PutAsync(key, stage.PathOf(key.Name), ct);
        }

        var planKey = ObjectKey.Plan(task.Asset);
        await store.PutAsync(planKey, stage.PathOf(planKey.Name), ct);
        await assets.UpdateAsync(task.Asset, a => a with
        {
            Renditions = [.. a.Renditions.Where(r => !r.IsEncoded), .. plan.Renditions],
            UpdatedAt = clock.GetUtcNow(),
        }, ct);
        foreach (var next in EncodeTasks.Of(plan, options.Transcode))
        {
            await jobs.AddTaskAsync(task.JobId, next with { Urgency = Urgency.Background }, ct);
        }

        return TaskResult.Done;
    }
}
