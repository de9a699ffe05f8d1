using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Makes the chunks of one task that do not exist yet.
/// <code>
///   1 what is missing from chunk c on, and for how long the same renditions are ──► nothing: done
///   2 one encoder process makes that run, chunk by chunk
///   3 it broke at chunk c: c alone, reading from further before; then a placeholder for it, and on
///   4 a rendition that is complete is gathered
/// </code>
/// </summary>
internal sealed partial class EncodeTask(
    TitleWork titles, ChunkBoard board, EncoderProcess encoder, ChunkPublisher publisher, RenditionGathering gathering,
    EncodeReport report, LadderPlanning ladder, RightOfWay way, ILogger<EncodeTask> logger) : ITaskExecutor
{
    /// <summary>Seconds read before a run's start: the first try, and the next. A container without an index may need to be read from
    /// far before.</summary>
    private static readonly double[] PreRolls = [1, 15];

    /// <summary>A task in which more than this part cannot be encoded has another trouble than a scratch.</summary>
    private const double MostPlaceholders = 0.5;

    /// <inheritdoc />
    public JobKind Kind => JobKind.Encode;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        if (task.FirstChunk == 0)
        {
            return await ladder.RunAsync(task, ct);
        }

        if (await titles.OpenAsync(task.Asset, ct) is not { } work)
        {
            return TaskResult.Failed("the title or its plan is not there any more", mayRetry: false);
        }

        var title = await board.OpenAsync(task.Asset, ct);
        string[] renditions = task.Renditions.Length > 0 ? task.Renditions.Split(',') : [.. work.Plan.Renditions];
        title.Claimed(task.Id, task.Urgency, renditions, task.FirstChunk, task.EndChunk);
        try
        {
            await gathering.GatherAsync(task.Asset, work, title, ct); // What was gathered before this process is not made again.
            var result = await EncodeAsync(task, work, title, renditions, ct);
            await gathering.GatherAsync(task.Asset, work, title, ct);
            return result;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return TaskResult.Failed("the disk is full");
        }
        finally
        {
            title.Released(task.Id);
        }
    }

    private async Task<TaskResult> EncodeAsync(WorkTask task, TitleEncode work, TitleChunks title, string[] renditions, CancellationToken ct)
    {
        var (tries, placeholders, brokenAt) = (0, 0, 0);
        var end = Math.Min(task.EndChunk, work.LastChunk + 1);
        for (var c = task.FirstChunk; c < end;)
        {
            // :: Step 1
            var missing = Missing(work, title, renditions, c);
            if (missing.Count == 0)
            {
                c++;
                continue;
            }

            var stop = c + 1;
            while (stop < end && missing.SetEquals(Missing(work, title, renditions, stop)))
            {
                stop++;
            }

            // :: Step 2
            // The second try makes one chunk alone: what breaks an encoder lies behind where its output ends.
            var run = new RunOrder(missing, c, tries == 0 ? stop : c + 1, PreRolls[tries], false);
            var outcome = await MakeAsync(task, work, title, run, ct);
            if (outcome.Problem is null)
            {
                (c, tries) = (NextMissing(work, title, missing, c, stop), 0);
                continue;
            }

            // :: Step 3
            c = NextMissing(work, title, missing, c, stop);
            tries = c == brokenAt ? tries + 1 : 1;
            brokenAt = c;
            Log.RunBroke(logger, task.Asset, c, tries, outcome.Problem);
            if (tries < PreRolls.Length)
            {
                continue;
            }

            if (++placeholders > Math.Max(1, (end - task.FirstChunk) * MostPlaceholders))
            {
                return TaskResult.Failed(outcome.Problem, outcome.Log);
            }

            var still = Missing(work, title, renditions, c);
            var standIn = await MakeAsync(task, work, title, new RunOrder(still, c, c + 1, 0, true), ct);
            if (standIn.Problem is not null)
            {
                return TaskResult.Failed(outcome.Problem, outcome.Log);
            }

            await report.GapAsync(task, work, c, outcome.Problem, ct);
            tries = 0;
        }

        return TaskResult.Done;
    }

    private async Task<RunOutcome> MakeAsync(WorkTask task, TitleEncode work, TitleChunks title, RunOrder order, CancellationToken ct)
    {
        var span = work.Runs.Span(order.Renditions, order.First, order.End);
        var assemblers = work.Runs.Assemblers(span, order.First, order.End);
        var nice = task.Urgency == Urgency.Background;
        var pace = report.Begin();
        await using var process = order.IsPlaceholder
            ? await encoder.StartPlaceholderAsync(work.Plan, span, assemblers.Max(a => a.MissingFrames), nice, ct)
            : await encoder.StartAsync(work.InputPath, work.Plan, span, order.PreRollSeconds, nice, ct);
        using var turn = nice ? way.Yield(process) : way.Take();
        return await ChunkRun.ReadAsync(
            process,
            assemblers,
            async (chunk, stop) =>
            {
                await publisher.PublishAsync(task, title, chunk, order.IsPlaceholder, stop);
                await report.ChunkAsync(pace, task, work, title, chunk, stop);
            },
            () => order.Renditions.Any(r => NextOf(r) is { } n && title.Find(r, n) is null),
            ct);

        int? NextOf(string rendition) => assemblers.First(a => a.Rendition == rendition) is { IsComplete: false } behind ? behind.NextNumber : null;
    }

    private static HashSet<string> Missing(TitleEncode work, TitleChunks title, string[] renditions, int number) =>
    [
        .. renditions.Where(r => work.Tables.TryGetValue(r, out var table) && number <= table.Count
            && title.Find(r, number) is null && !title.IsGathered(r)),
    ];

    private static int NextMissing(TitleEncode work, TitleChunks title, HashSet<string> renditions, int first, int end)
    {
        var c = first;
        while (c < end && Missing(work, title, [.. renditions], c).Count == 0)
        {
            c++;
        }

        return c;
    }

    private sealed record RunOrder(HashSet<string> Renditions, int First, int End, double PreRollSeconds, bool IsPlaceholder);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset}: encoding broke at chunk {Number}, attempt {Try}: {Problem}")]
        public static partial void RunBroke(ILogger logger, AssetId asset, int number, int @try, string problem);
    }
}
