using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Extras;

/// <summary>
/// Makes poster, storyboard, subtitles and chapters of one title. Each is made without the others: what cannot be made is told in the job,
/// which is done nevertheless.
/// <code>
///   1 source ─ facts        none: failed
///   2 poster, storyboard, subtitles, each in the same stage
///   3 objects put, then the row says so
/// </code>
/// </summary>
internal sealed class ExtrasTask(
    AssetDirectory assets, IWorkCatalog catalog, IObjectStore store, SubtitleShelf shelf, SourceReader reader, FfmpegTools tools, ExtrasTool tool,
    TimeProvider clock) : ITaskExecutor
{
    /// <summary>More than poster, sheets and subtitles of a title take.</summary>
    private const long RoomBytes = 8 << 20;

    private readonly PosterMaker _posters = new(tool);
    private readonly StoryboardMaker _storyboards = new(tool);
    private readonly SubtitleExtraction _subtitles = new(tool);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Extras;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        try
        {
            DiskFull.Require(store, RoomBytes);
            return await MakeAsync(task, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
    }

    private async Task<TaskResult> MakeAsync(WorkTask task, CancellationToken ct)
    {
        // :: Step 1: source
        if ((await tools.CheckAsync(ct)).MissingReason is { } missing)
        {
            return TaskResult.Failed(missing, mayRetry: false);
        }

        await using var file = await store.FileOfAsync(ObjectKey.Source(task.Asset), ct);
        if (file is null)
        {
            return TaskResult.Failed("the title's file is not there any more", mayRetry: false);
        }

        var (facts, reason) = await reader.ReadAsync(file.Path, ct);
        if (facts is null)
        {
            return TaskResult.Failed(reason ?? "ffmpeg can make nothing of it", mayRetry: false);
        }

        // :: Step 2: make
        var source = new ExtrasSource(task.Asset, file.Path, facts);
        await using var stage = store.Stage(task.Asset);
        var poster = await _posters.MakeAsync(source, stage, ct);
        var (storyboard, board) = await _storyboards.MakeAsync(source, stage, ct);
        var (subtitles, text) = await _subtitles.ReadAsync(source, stage, ct);

        // :: Step 3: keep
        foreach (var key in poster.Objects.Concat(storyboard.Objects))
        {
            await store.PutAsync(key, stage.PathOf(key.Name), ct);
        }

        await assets.UpdateAsync(
            task.Asset,
            asset => asset with
            {
                Extras = asset.Extras with { HasPoster = poster.Objects.Count > 0, Storyboard = board, Chapters = facts.Chapters },
                Revision = asset.Revision + 1,
                UpdatedAt = clock.GetUtcNow(),
            },
            ct);
        if (subtitles.Count > 0)
        {
            await shelf.ReplaceEmbeddedAsync(task.Asset, subtitles, ct);
        }

        string[] problems = [.. new[] { poster, storyboard, text }.Select(part => part.Problem).OfType<string>()];
        if (problems.Length > 0)
        {
            await catalog.ReportAsync(task.JobId, 1, string.Join("; ", problems), clock.GetUtcNow(), ct);
        }

        return TaskResult.Done;
    }
}
