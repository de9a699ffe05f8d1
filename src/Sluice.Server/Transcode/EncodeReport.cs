using System.Diagnostics;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Transcode;

/// <summary>Tells how far an encode is, and where it has gaps.</summary>
internal sealed class EncodeReport(ICatalog catalog, ProgressBoard progress, TimeProvider clock)
{
    /// <summary>A longer list of gaps says no more.</summary>
    private const int LongestReason = 400;

    /// <summary>Begins to measure the pace of a task.</summary>
    public Pace Begin() => new(clock.GetTimestamp());

    /// <summary>A chunk was published.</summary>
    public ValueTask ChunkAsync(Pace pace, WorkTask task, TitleEncode work, TitleChunks title, FinishedChunk chunk, CancellationToken ct)
    {
        var table = work.Tables[chunk.Rendition];
        pace.Seconds += table.Timings[chunk.Number - 1].DurationTicks / (double)table.Summary.Timescale;
        var elapsed = clock.GetElapsedTime(pace.Began).TotalSeconds;
        var all = work.Tables.Values.Sum(t => Seconds(t, t.Count));
        var done = work.Tables.Values.Sum(t => title.IsGathered(t.Summary.Id) ? Seconds(t, t.Count) : Seconds(t, title.CountOf(t.Summary.Id)));
        var rate = elapsed > 0 ? pace.Seconds / elapsed : 0; // Seconds of all renditions in a second.
        return progress.ReportAsync(
            task.JobId, done / all, rate / work.Tables.Count, rate > 0 ? (all - done) / rate : null, ct);
    }

    /// <summary>Writes into the job that a chunk could not be encoded.</summary>
    public async Task GapAsync(WorkTask task, TitleEncode work, int number, string problem, CancellationToken ct)
    {
        var table = work.Tables.Values.First(t => number <= t.Count);
        var second = (table.Timings[number - 1].StartTicks / table.Summary.Timescale) - work.Plan.OriginSeconds;
        var at = TimeSpan.FromSeconds(Math.Max(0, second)).ToString("c", null);
        if (await catalog.FindJobAsync(task.JobId, ct) is not { } job || job.Reason?.Length > LongestReason)
        {
            return;
        }

        var reason = job.Reason is { } before ? $"{before}; at {at}" : $"a part could not be encoded and is black and silent ({problem}): at {at}";
        await catalog.ReportAsync(task.JobId, job.Progress, reason, clock.GetUtcNow(), ct);
        await progress.RefreshAsync(task.JobId, ct);
    }

    private static double Seconds(RenditionTable table, int chunks) => table.Count == 0 ? 0
        : chunks * ((table.Summary.EndTicks - table.Summary.StartTicks) / (double)table.Summary.Timescale / table.Count);

    /// <summary>What a task has done so far.</summary>
    internal sealed class Pace(long began)
    {
        public long Began => began;

        public double Seconds { get; set; }
    }
}
