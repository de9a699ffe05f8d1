using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Originals;

namespace Sluice.Server.Transcode;

/// <summary>
/// Repackages a source whose codecs are good and whose container is not into an MP4, which is then packaged like any other.
/// <code>
///   ffmpeg -c copy ──► stage/remux ──► copy, plan ──► objects ──► the row: ready ──► its sound is gathered
///        │ fails, or makes something shorter or longer: it is encoded instead
///        └ was ended from outside, or found no room: tried again
/// </code>
/// Of a title that plays already, for it was encoded, the originals are repackaged: see <see cref="OriginalsPublishing"/>.
/// </summary>
internal sealed partial class RemuxTask(
    AssetDirectory assets, ICatalog catalog, IObjectStore store, SourceReader reader, TitlePreparation preparation, RemuxProcess remuxing,
    OriginalsPublishing originals, TitlePublishing publishing, JobControl jobs, Gatherer gatherer, ILogger<RemuxTask> logger) : ITaskExecutor
{
    /// <summary>Sounds that an MP4 takes as they are; others become AAC on the way.</summary>
    private static readonly string[] Sounds = ["aac", "ac3", "eac3", "mp3", "opus", "flac", "alac"];

    private static TaskResult Gone => TaskResult.Failed("the title or its source is not there any more", mayRetry: false);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Remux;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (await assets.FindAsync(task.Asset, ct) is not { } asset)
        {
            return Gone;
        }

        try
        {
            await using var source = await store.FileOfAsync(ObjectKey.Source(task.Asset), ct);
            return source is null ? Gone
                : asset.State == AssetState.Ready ? await originals.RunAsync(task, asset, source.Path, ct) : await RunAsync(task, source.Path, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
        catch (Exception e) when (e is not OperationCanceledException && asset.State != AssetState.Ready && !RetryDelay.MayFollow(task.Failures))
        {
            await SetFailedAsync(task, "the server could not repackage it; its log says more", ct);
            throw;
        }
    }

    private async Task<TaskResult> RunAsync(WorkTask task, string source, CancellationToken ct)
    {
        var (facts, unreadable) = await reader.ReadAsync(source, ct);
        if (facts is null)
        {
            return await FailAsync(task, unreadable ?? "ffmpeg can make nothing of it", null, ct);
        }

        DiskFull.Require(store, new FileInfo(source).Length);
        string problem;
        string? log;
        await using (var stage = store.Stage(task.Asset))
        {
            var remux = stage.PathOf(ObjectKey.Remux(task.Asset).Name);
            List<(StreamFacts, bool)> streams = [.. facts.Copied.Select(s => (s, s.Kind == StreamKind.Video || Sounds.Contains(s.Codec)))];
            var (exit, words) = await remuxing.RunAsync(task, new RemuxOrder(source, remux, streams, facts.DurationSeconds), ct);
            log = exit.IsSuccess ? null : words;
            if (FfmpegFailure.IsDiskFull(exit, words))
            {
                return NoRoom.Result;
            }

            if (FfmpegFailure.FromOutside(exit, words) is { } outside)
            {
                return RetryDelay.MayFollow(task.Failures) ? TaskResult.Failed(outside, log) : await FailAsync(task, outside, log, ct);
            }

            var made = exit.IsSuccess && File.Exists(remux) ? await preparation.PrepareAsync(remux, stage.PathOf, isRemux: true, ct) : null;
            var reason = made is null
                ? $"repackaging it failed: ffmpeg {exit}"
                : await RemuxFitness.WhyUselessAsync(made, facts, source, reader, ct);
            if (reason is null)
            {
                return await PublishAsync(task, stage, made!, ct);
            }

            problem = reason;
        }

        // In a stage of its own: what was made of the repackaged file is of no use.
        Log.Encoded(logger, task.Asset, problem);
        await using var encoding = store.Stage(task.Asset);
        var prepared = await preparation.EncodeAllAsync(source, StreamTriage.Judge(facts, mayRemux: false), [], EncodeManner.Library, encoding.PathOf, ct);
        return prepared.State == AssetState.Ready
            ? await PublishAsync(task, encoding, prepared with { Reason = prepared.Reason ?? $"it is encoded, for {problem}" }, ct)
            : await FailAsync(task, prepared.Reason ?? problem, log, ct);
    }

    private async Task<TaskResult> PublishAsync(WorkTask task, IObjectStage stage, PackageResult prepared, CancellationToken ct)
    {
        await publishing.StoreAsync(task.Asset, stage, prepared, ct);

        // The jobs before the row: a title that is ready without them would wait for its chunks for ever. A process that died in between has
        // added them already.
        var known = await catalog.ListJobsAsync(task.Asset, null, 100, ct);
        await jobs.AddAsync(task.Asset, [.. prepared.Jobs.Where(j => known.All(k => k.Kind != j.Kind))], ct);
        await publishing.OfferAsync(task.Asset, prepared, ct);

        // ffmpeg lays a repackaged file out as a recorder does: a frame or two of sound between pictures.
        gatherer.Offer(task.Asset);
        return TaskResult.Done;
    }

    private async Task<TaskResult> FailAsync(WorkTask task, string reason, string? log, CancellationToken ct)
    {
        await SetFailedAsync(task, reason, ct);
        return TaskResult.Failed(reason, log, mayRetry: false);
    }

    private Task SetFailedAsync(WorkTask task, string reason, CancellationToken ct) => publishing.SayAsync(task.Asset, AssetState.Failed, reason, ct);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} is encoded, for it cannot be repackaged: {Problem}")]
        public static partial void Encoded(ILogger logger, AssetId asset, string problem);
    }
}
