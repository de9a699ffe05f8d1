using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Repackages a source whose codecs are good and whose container is not into an MP4, which is then packaged like any other.
/// <code>
///   ffmpeg -c copy ──► stage/remux ──► copy, plan ──► objects ──► the row: ready
///        └ fails: it is encoded instead
/// </code>
/// </summary>
internal sealed partial class RemuxTask(
    AssetDirectory assets, ICatalog catalog, IObjectStore store, SourceReader reader, TitlePreparation preparation, FfmpegTools tools, JobControl jobs,
    ProgressBoard progress, SluiceOptions options, TimeProvider clock, ILogger<RemuxTask> logger) : ITaskExecutor
{
    /// <summary>Sounds that an MP4 takes as they are; others become AAC on the way.</summary>
    private static readonly string[] Sounds = ["aac", "ac3", "eac3", "mp3", "opus", "flac", "alac"];

    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(6);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Remux;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (await assets.FindAsync(task.Asset, ct) is null || store.LocalPathOf(ObjectKey.Source(task.Asset)) is not { } source)
        {
            return TaskResult.Failed("the title or its source is not there any more", mayRetry: false);
        }

        try
        {
            return await RunAsync(task, source, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return TaskResult.Failed("the disk is full");
        }
    }

    private async Task<TaskResult> RunAsync(WorkTask task, string source, CancellationToken ct)
    {
        var (facts, unreadable) = await reader.ReadAsync(source, ct);
        if (facts is null)
        {
            return await FailAsync(task, unreadable ?? "ffmpeg can make nothing of it", null, ct);
        }

        await using var stage = store.Stage(task.Asset);
        var remux = stage.PathOf(ObjectKey.Remux(task.Asset).Name);
        var (problem, log) = await RemuxAsync(task, facts, source, remux, ct);
        var prepared = problem is null
            ? await preparation.PrepareAsync(remux, stage.PathOf, isRemux: true, ct)
            : null;
        if (prepared is not { State: AssetState.Ready, RefusedReason: null })
        {
            problem ??= prepared!.RefusedReason ?? prepared.Reason;
            Log.Encoded(logger, task.Asset, problem!);
            File.Delete(remux);
            prepared = await preparation.EncodeAllAsync(source, StreamTriage.Judge(facts, mayRemux: false), stage.PathOf, ct);
        }

        return prepared.State == AssetState.Ready
            ? await PublishAsync(task, stage, prepared, ct)
            : await FailAsync(task, prepared.Reason ?? problem ?? "it cannot be repackaged", log, ct);
    }

    private async Task<(string? Problem, string? Log)> RemuxAsync(
        WorkTask task, SourceFacts facts, string source, string target, CancellationToken ct)
    {
        List<string> arguments =
        [
            .. FfmpegGuard.Global, "-fflags", "+genpts", .. FfmpegGuard.Input, "-i", FfmpegGuard.File(source),
            "-map_chapters", "-1", "-progress", "pipe:2",
        ];
        var outputs = facts.Streams.Where(s => s == facts.Picture || (s.Kind == StreamKind.Audio && s.IsDecodable)).ToList();
        foreach (var (output, stream) in outputs.OrderBy(s => s.Kind == StreamKind.Video ? 0 : 1).Index())
        {
            var copied = stream.Kind == StreamKind.Video || Sounds.Contains(stream.Codec);
            arguments.AddRange(["-map", Text($"0:{stream.Index}"), Text($"-c:{output}"), copied ? "copy" : "aac"]);
        }

        arguments.AddRange(["-strict", "-2", "-f", "mp4", "-y", FfmpegGuard.File(target)]);
        var done = new FfmpegProgress();
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.Program ?? "ffmpeg",
                Arguments = arguments,
                WorkingFolder = Path.GetDirectoryName(target)!,
                Limits = new ChildLimits
                {
                    MemoryBytes = options.Transcode.MemoryBytes,
                    WallTime = LongestTime,
                    Silence = TimeSpan.FromSeconds(options.Transcode.SilenceSeconds),
                    FileBytes = Math.Max(1, store.FreeBytes),
                },
                TakesLine = done.Take,
            },
            ct);
        while (await Task.WhenAny(child.Completion, Task.Delay(BetweenReports, clock, ct)) != child.Completion)
        {
            await progress.ReportAsync(task.JobId, done.Seconds / Math.Max(1, facts.DurationSeconds), null, null, ct);
        }

        var exit = await child.Completion;
        ct.ThrowIfCancellationRequested();
        return exit.IsSuccess && File.Exists(target) ? (null, null) : ($"ffmpeg {exit}", child.ErrorTail);
    }

    private async Task<TaskResult> PublishAsync(WorkTask task, IObjectStage stage, PackageResult prepared, CancellationToken ct)
    {
        // What the indexes refer to comes first.
        foreach (var key in prepared.ObjectsOf(task.Asset).Where(k => File.Exists(stage.PathOf(k.Name))))
        {
            await store.PutAsync(key, stage.PathOf(key.Name), ct);
        }

        // The jobs before the row: a title that is ready without them would wait for its chunks for ever. A process that died in between has
        // added them already.
        var known = await catalog.ListJobsAsync(task.Asset, null, 100, ct);
        await jobs.AddAsync(task.Asset, [.. prepared.Jobs.Where(j => known.All(k => k.Kind != j.Kind))], ct);
        await assets.UpdateAsync(task.Asset, a => a with
        {
            State = AssetState.Ready,
            Reason = prepared.Reason,
            Version = prepared.Version,
            DurationSeconds = prepared.DurationSeconds,
            Tracks = prepared.Tracks,
            Renditions = prepared.Renditions,
            Revision = a.Revision + 1,
            UpdatedAt = clock.GetUtcNow(),
        }, ct);
        return TaskResult.Done;
    }

    private async Task<TaskResult> FailAsync(WorkTask task, string reason, string? log, CancellationToken ct)
    {
        await assets.UpdateAsync(
            task.Asset, a => a with { State = AssetState.Failed, Reason = reason, Revision = a.Revision + 1, UpdatedAt = clock.GetUtcNow() }, ct);
        return TaskResult.Failed(reason, log, mayRetry: false);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} is encoded, for it cannot be repackaged: {Problem}")]
        public static partial void Encoded(ILogger logger, AssetId asset, string problem);
    }
}
