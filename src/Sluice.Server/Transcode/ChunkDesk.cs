using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;

namespace Sluice.Server.Transcode;

/// <summary>
/// <code>
///   1 it exists ─────────────────────────► answer
///   2 a run is about to make it ─┐
///   3 else a viewer's task ──────┴► wait ─► answer, or "come back"
/// </code>
/// Nothing that runs is stopped for it: a viewer who seeks gets a run of their own, and what the other makes is needed anyway.
/// </summary>
internal sealed class ChunkDesk(ChunkBoard board, ICatalog catalog, IJobQueue queue, SluiceOptions options, TimeProvider clock) : IChunkDesk
{
    /// <summary>A run that has so many chunks to make before the wanted one is not waited for.</summary>
    private const int Near = 2;

    /// <summary>Seconds of the title that a viewer's run makes: more than players load ahead, so that runs seldom begin anew.</summary>
    private const double RunSeconds = 60;

    /// <summary>The same for sound. Its chunks take no time to make; a long run of them would take the processor from the picture
    /// that the same viewer waits for.</summary>
    private const double SoundRunSeconds = 20;

    private const int RetryAfterSeconds = 1;

    /// <inheritdoc />
    public async ValueTask<ChunkAnswer> FindAsync(AssetId asset, string rendition, int number, CancellationToken ct)
    {
        var title = await board.OpenAsync(asset, ct);

        // :: Step 1
        if (title.Find(rendition, number) is { } chunk)
        {
            return new ChunkAnswer(chunk, null, 0);
        }

        if (title.IsGathered(rendition))
        {
            return new ChunkAnswer(null, null, RetryAfterSeconds); // The open index is the old one; the next request sees the new.
        }

        if (title.JobId is not { } jobId)
        {
            return new ChunkAnswer(null, "it has no encoding job", 0);
        }

        // :: Steps 2 and 3
        var published = title.WhenPublished(rendition, number);
        if (await AskAsync(title, jobId, rendition, number) is { } refused)
        {
            return refused;
        }

        await Task.WhenAny(published, Task.Delay(TimeSpan.FromSeconds(options.Transcode.WaitSeconds), clock, ct));
        ct.ThrowIfCancellationRequested();
        return new ChunkAnswer(title.Find(rendition, number), null, RetryAfterSeconds);
    }

    /// <summary>Sees to it that a task makes the chunk. Not ended by a viewer who leaves: others may wait for it too.</summary>
    private async Task<ChunkAnswer?> AskAsync(TitleChunks title, string jobId, string rendition, int number)
    {
        var seconds = rendition[0] == 'a' ? SoundRunSeconds : RunSeconds;
        var end = number + Math.Max(1, (int)(seconds / options.Transcode.ChunkSeconds));
        if (title.TryClaim(rendition, number, end, Near) is not { } claim)
        {
            return null;
        }

        try
        {
            var wanted = new NewTask(Urgency.Viewer, number, end, rendition);
            if (await catalog.AddTaskAsync(jobId, wanted, clock.GetUtcNow(), CancellationToken.None) is { } task)
            {
                title.Confirm(claim, task.Id);
                queue.Announce(Urgency.Viewer);
                return null;
            }

            var job = await catalog.FindJobAsync(jobId, CancellationToken.None);
            return new ChunkAnswer(null, job?.Reason ?? "its encoding was called off", 0);
        }
        finally
        {
            title.Released(claim); // Nothing is left to release when the task has it.
        }
    }
}
