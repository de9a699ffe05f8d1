using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Far;

namespace Sluice.Server.Transcode.Replan;

/// <summary>
/// Plans a title anew, with other subtitles drawn into its picture or none, and puts the new renditions in the place of the old ones. It plays
/// all the time: by the old plan to the end, and by the new one from its first chunk, which is encoded when it is asked for.
/// <code>
///   1 facts ─ verdict ─ plan, under names that were never used ──► it cannot be: failed, the title stays as it was
///   2 the old jobs end ─ tables and plan ─ the new job ─ the row: this is what is offered
///   3 what the old plan left goes ─ the originals follow
/// </code>
/// A process that is killed in between does it all once more, or only step 3.
/// </summary>
internal sealed class ReplanTask(
    AssetDirectory assets, ICatalog catalog, IObjectStore store, SourceReader reader, TitlePreparation preparation, ChunkBoard board, RightOfWay way,
    TitlePublishing publishing, JobControl jobs, TimeProvider clock) : ITaskExecutor, IDisposable
{
    /// <summary>Two of one title would take the same names.</summary>
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Replan;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            return await ReplanAsync(task, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async Task<TaskResult> ReplanAsync(WorkTask task, CancellationToken ct)
    {
        // :: Step 1
        await using var source = await ReadableSource.OpenAsync(store, ObjectKey.Source(task.Asset), clock, ct);
        if (await assets.FindAsync(task.Asset, ct) is not { } asset || source is null)
        {
            return TaskResult.Failed("the title or its source is not there any more", mayRetry: false);
        }

        var (facts, unreadable) = await reader.ReadAsync(source.Path, ct);
        if (facts is null && source.Trouble is { } trouble)
        {
            return TaskResult.Failed(trouble);
        }

        if (facts is null)
        {
            return await GiveUpAsync(asset, unreadable ?? "ffmpeg can make nothing of it", ct);
        }

        var burned = asset.Extras.BurnedTrack is { } track ? facts.Streams.ElementAtOrDefault(track) : null;
        var verdict = StreamTriage.Judge(facts, burned: burned, encodesAll: true);
        if (asset.BurnedTrack != asset.Extras.BurnedTrack)
        {
            using var turn = way.Take(); // Somebody waits for it.
            await using var stage = store.Stage(asset.Id);
            var prepared = await preparation.EncodeAllAsync(source.Path, verdict, asset.Renditions, EncodeManner.Library, stage.PathOf, ct);
            if (prepared.State != AssetState.Ready)
            {
                return await GiveUpAsync(asset, prepared.Reason ?? "it cannot be encoded", ct);
            }

            // :: Step 2
            asset = await SwitchAsync(asset, stage, prepared, ct);
        }

        // :: Step 3
        if (asset is not null)
        {
            await RemoveOldAsync(asset, ct);
            await FollowAsync(asset, verdict, ct);
        }

        return TaskResult.Done;
    }

    private async Task<Asset?> SwitchAsync(Asset asset, IObjectStage stage, PackageResult prepared, CancellationToken ct)
    {
        foreach (var old in (await JobsAsync(asset.Id, ct)).Where(j => j.Kind is JobKind.Encode or JobKind.Remux))
        {
            await jobs.ChangeAsync(old.Id, JobChange.Cancel, ct);
        }

        await publishing.StoreAsync(asset.Id, stage, prepared, ct);

        // The job before the row, as everywhere; and who keeps the chunks of the title forgets the old job.
        board.Forget(asset.Id);
        var added = await jobs.AddAsync(asset.Id, [.. prepared.Jobs.Where(j => j.Kind == JobKind.Encode)], ct);
        board.Forget(asset.Id, unlessOf: added.Count == 0 ? null : added[0].Id);
        return await publishing.OfferAsync(asset.Id, prepared, ct);
    }

    /// <summary>Numbers only grow: what has a lower one than all that is offered is of an earlier plan.</summary>
    private async Task RemoveOldAsync(Asset asset, CancellationToken ct)
    {
        foreach (var kind in (string[])["video", "audio"])
        {
            var firstOffered = asset.Renditions.Where(r => r.Kind == kind).Select(r => r.Id).DefaultIfEmpty($"{kind[0]}0").Min(RenditionNumbers.Of);
            for (var number = 0; number < firstOffered; number++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{kind[0]}{number}");
                await store.RemoveAsync(ObjectKey.Index(asset.Id, id), ct);
                await store.RemoveAsync(ObjectKey.Gathered(asset.Id, id), ct);
                await store.RemoveChunksAsync(asset.Id, id, ct);
                await catalog.RemoveChunksAsync(asset.Id, id, ct);
            }
        }

        if (asset.Renditions.All(r => r.IsEncoded))
        {
            await store.RemoveAsync(ObjectKey.Remux(asset.Id), ct);
        }
    }

    private async Task FollowAsync(Asset asset, SourceVerdict verdict, CancellationToken ct)
    {
        if (verdict.Tracks.Any(t => t.Follows) && !(await JobsAsync(asset.Id, ct)).Any(j => j.Kind == JobKind.Remux))
        {
            await jobs.AddAsync(asset.Id, [new NewJob(JobKind.Remux, [NewTask.Beside()])], ct);
        }
    }

    /// <summary>What was asked for is forgotten: it can be asked for again.</summary>
    private async Task<TaskResult> GiveUpAsync(Asset asset, string reason, CancellationToken ct)
    {
        await assets.UpdateAsync(asset.Id, a => a with { Extras = a.Extras with { BurnedTrack = a.BurnedTrack } }, ct);
        return TaskResult.Failed(reason, mayRetry: false);
    }

    private async Task<IEnumerable<Job>> JobsAsync(AssetId asset, CancellationToken ct) =>
        (await catalog.ListJobsAsync(asset, null, 100, ct)).Where(j => j.FinishedAt is null);
}
