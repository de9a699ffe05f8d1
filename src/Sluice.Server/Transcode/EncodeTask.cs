using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Makes the chunks of one task that do not exist yet.
/// <code>
///   1 nobody wants a viewer's task any more ──► done: the background makes those chunks in their turn; no room for more ──► done
///   2 what is missing from chunk c on, and for how long the same renditions are ──► nothing: done
///   3 one encoder process makes that run, chunk by chunk
///   4 the source was out of reach: later. It broke at chunk c: c alone; then a placeholder for it, or later (<see cref="RunTroubles"/>), and on; unless nothing
///     of the title could be encoded so far
///   5 a rendition that is complete is gathered
/// </code>
/// </summary>
internal sealed partial class EncodeTask(
    TitleWork titles, ChunkBoard board, EncoderProcess encoder, ChunkPublisher publisher, RenditionGathering gathering,
    EncodeReport report, LadderPlanning ladder, SubtitleLookBack lookBack, RightOfWay way, TimeProvider clock, ILogger<EncodeTask> logger) : ITaskExecutor
{
    /// <summary>Between two attempts to read a source that lies elsewhere.</summary>
    private static readonly TimeSpan UntilInReach = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public JobKind Kind => JobKind.Encode;

    /// <inheritdoc />
    public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
    {
        try
        {
            return task.FirstChunk == 0 ? await ladder.RunAsync(task, ct) : await MakeChunksAsync(task, ct);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
    }

    private async Task<TaskResult> MakeChunksAsync(WorkTask task, CancellationToken ct)
    {
        var title = await board.OpenForTaskAsync(task.Asset, ct);
        try
        {
            await using var work = await titles.OpenAsync(task.Asset, ct);
            if (work is null)
            {
                return TaskResult.Failed("the title or its plan is not there any more", mayRetry: false);
            }

            string[] renditions = task.Renditions.Length > 0 ? task.Renditions.Split(',') : [.. work.Plan.Renditions];
            title.Claimed(task.Id, task.Urgency, renditions, task.FirstChunk, task.EndChunk, clock.GetUtcNow());
            var attempt = new EncodeAttempt(task, work, title, renditions);
            var result = await MakeChunksAsync(attempt, ct) with { MadeProgress = attempt.MadeProgress };
            if (attempt.SetbackOf(result, clock.GetUtcNow()) is { } setback)
            {
                title.SetBack(task.Id, setback);
            }

            return result;
        }
        finally
        {
            title.Released(task.Id);
        }
    }

    private async Task<TaskResult> MakeChunksAsync(EncodeAttempt attempt, CancellationToken ct)
    {
        var (asset, work, title) = (attempt.Task.Asset, attempt.Work, attempt.Title);
        try
        {
            // What was gathered before this process is not made again. What cannot be gathered now can wait; viewers cannot.
            await gathering.GatherAsync(asset, work, title, waits: false, ct);
            var result = await EncodeAsync(attempt, ct);

            // :: Step 5
            var isGathered = await gathering.GatherAsync(asset, work, title, waits: true, ct);
            return result.Reason is null && !isGathered ? NoRoom.Result : result;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return NoRoom.Result;
        }
    }

    private async Task<TaskResult> EncodeAsync(EncodeAttempt attempt, CancellationToken ct)
    {
        var troubles = attempt.Troubles;
        for (var c = attempt.Task.FirstChunk; c < attempt.End;)
        {
            // :: Step 1
            if (attempt.IsFull || attempt.ReleaseUnwanted(c, clock.GetUtcNow()))
            {
                return TaskResult.Done;
            }

            // :: Step 2
            var missing = attempt.Missing(c);
            if (missing.Count == 0 || troubles.LeftOut.Contains(c))
            {
                c++;
                continue;
            }

            var stop = c + 1;
            while (!troubles.IsCareful && stop < attempt.End && missing.SetEquals(attempt.Missing(stop)))
            {
                stop++;
            }

            // :: Step 3
            HashSet<string> making = troubles.IsSparing ? [missing.First()] : missing;
            var outcome = await MakeAsync(attempt, new RunOrder(making, c, stop, troubles.Reading), ct);
            if (outcome.Problem is null)
            {
                troubles.Over();
                c = attempt.NextMissing(missing, c, stop);
                continue;
            }

            // :: Step 4
            c = attempt.NextMissing(making, c, stop);
            Log.RunBroke(logger, attempt.Task.Asset, c, outcome.Problem);
            if (attempt.Work.Source.Trouble is { } outOfReach)
            {
                return TaskResult.Waiting(outOfReach, UntilInReach);
            }

            switch (troubles.After(c, outcome))
            {
                case AfterTrouble.LeaveOut:
                    attempt.BrokeAt(c, c + 1);
                    break;
                case AfterTrouble.GiveUp:
                case AfterTrouble.StandIn when !attempt.Title.HasEncoded || !await StandInAsync(attempt, c, outcome.Problem, ct):
                    attempt.BrokeAt(c, attempt.End);
                    return TaskResult.Failed(outcome.Problem, outcome.Log);
            }
        }

        return troubles.Left is { Problem: { } left } run ? TaskResult.Failed(left, run.Log) : TaskResult.Done;
    }

    /// <summary>Makes a chunk black and silent; false when not even that works.</summary>
    private async Task<bool> StandInAsync(EncodeAttempt attempt, int number, string problem, CancellationToken ct)
    {
        var standIn = await MakeAsync(attempt, new RunOrder(attempt.Missing(number), number, number + 1, null), ct);
        if (standIn.Problem is not null)
        {
            return false;
        }

        await report.GapAsync(attempt.Task, attempt.Work, number, problem, ct);
        return true;
    }

    private async Task<RunOutcome> MakeAsync(EncodeAttempt attempt, RunOrder order, CancellationToken ct)
    {
        var (task, work, title) = (attempt.Task, attempt.Work, attempt.Title);
        publisher.RequireRoom(work.LargestChunkBytes(order.Renditions)); // Nothing is encoded that could not be kept.
        var span = work.Runs.Span(order.Renditions, order.First, order.End);
        var assemblers = work.Runs.Assemblers(span, order.First, order.End);
        var nice = task.Urgency == Urgency.Background;
        var pace = report.Begin();
        await using var process = order.Reading is { } reading
            ? await encoder.StartAsync(work.InputPath, work.Plan, span, await FromSubtitlesAsync(reading, work, span, ct), nice, ct)
            : await encoder.StartPlaceholderAsync(work.Plan, span, assemblers.Max(a => a.MissingFrames), nice, ct);
        using var turn = nice ? way.Yield(process) : way.Take();
        return await ChunkRun.ReadAsync(
            process,
            assemblers,
            async (chunk, stop) =>
            {
                await publisher.PublishAsync(task, title, chunk, isPlaceholder: order.Reading is null, stop);
                attempt.MadeProgress = true;
                await report.ChunkAsync(pace, task, work, title, chunk, stop);
                if (work.Plan.MostChunkBytes is { } most)
                {
                    attempt.IsFull = !await publisher.ShedAsync(task.Asset, title, most, (chunk.Rendition, chunk.Number), clock.GetUtcNow(), stop);
                }
            },
            () => !attempt.IsFull && attempt.IsWanted(assemblers.Min(a => a.NextNumber), clock.GetUtcNow()) && order.Renditions.Any(r => NextOf(r) is { } n && title.Find(r, n) is null),
            ct);

        int? NextOf(string rendition) => assemblers.First(a => a.Rendition == rendition) is { IsComplete: false } behind ? behind.NextNumber : null;
    }

    /// <summary>Subtitles that are drawn into the picture, and were begun before the run, are read too.</summary>
    private async Task<Reading> FromSubtitlesAsync(Reading reading, TitleEncode work, RunSpan span, CancellationToken ct) => reading with
    {
        PreRollSeconds = Math.Max(reading.PreRollSeconds, await lookBack.SecondsAsync(work.InputPath, work.Plan, span, ct)),
    };

    /// <summary>What one process makes.</summary>
    /// <param name="Renditions">Of these.</param>
    /// <param name="First">The first chunk.</param>
    /// <param name="End">Behind the last.</param>
    /// <param name="Reading">How the source is read; null for black and silence.</param>
    private sealed record RunOrder(HashSet<string> Renditions, int First, int End, Reading? Reading);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset}: encoding broke at chunk {Number}: {Problem}")]
        public static partial void RunBroke(ILogger logger, AssetId asset, int number, string problem);
    }
}
