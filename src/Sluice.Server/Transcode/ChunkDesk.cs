using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// <code>
///   1 it exists ─────────────────────────► answer
///   2 what makes it had to stop ─────────► "come back then", or why it will never be
///   3 a run is about to make it ─┐
///   4 else a viewer's task ──────┴► wait ─► answer, or "come back"
/// </code>
/// Nothing that runs is stopped for it: a viewer who seeks gets a run of their own, and what the other makes is needed anyway. A
/// run that nobody has asked anything of for a while ends by itself, and one that had not begun never does: the background makes
/// those chunks in their turn.
/// </summary>
internal sealed class ChunkDesk(ChunkBoard board, ICatalog catalog, IJobQueue queue, SluiceOptions options, TimeProvider clock) : IChunkDesk
{
    /// <summary>Seconds of the title that a viewer's run makes: more than players load ahead, so that runs seldom begin anew.</summary>
    private const double RunSeconds = 60;

    /// <summary>The same for sound. Its chunks take no time to make; a long run of them would take the processor from the picture
    /// that the same viewer waits for.</summary>
    private const double SoundRunSeconds = 20;

    private const int RetryAfterSeconds = 1;

    /// <summary>Nobody is sent away for longer, for what was in the way may be gone sooner.</summary>
    private const int LongestRetryAfterSeconds = 10;

    /// <inheritdoc />
    public async ValueTask<ChunkAnswer> FindAsync(AssetId asset, string rendition, int number, CancellationToken ct)
    {
        var title = await board.OpenAsync(asset, ct);
        title.Asked(rendition, number, clock.GetUtcNow());

        // :: Step 1
        if (await LookAsync(asset, title, rendition, number, ct) is { } chunk)
        {
            return ChunkAnswer.Of(chunk);
        }

        if (title.IsGathered(rendition))
        {
            return ChunkAnswer.Later(RetryAfterSeconds); // The open index is the old one; the next request sees the new.
        }

        if (title.JobId is not { } jobId)
        {
            return ChunkAnswer.Never("it has no encoding job");
        }

        // :: Step 2
        if (title.SetbackOf(rendition, number, clock.GetUtcNow()) is { } setback)
        {
            return Told(setback);
        }

        // :: Steps 3 and 4
        var published = title.WhenPublished(rendition, number);
        if (await AskAsync(title, jobId, rendition, number) is { } refused)
        {
            return refused;
        }

        await WaitAsync(asset, title, rendition, number, published, ct);
        return title.Find(rendition, number) is { } made ? ChunkAnswer.Of(made)
            : title.SetbackOf(rendition, number, clock.GetUtcNow()) is { } trouble ? Told(trouble)
            : await WhyNotAsync(jobId) ?? ChunkAnswer.Later(RetryAfterSeconds);
    }

    /// <summary>The chunk if it exists; where others make chunks too, as the catalog says.</summary>
    private async ValueTask<ChunkRow?> LookAsync(AssetId asset, TitleChunks title, string rendition, int number, CancellationToken ct)
    {
        if (title.Find(rendition, number) is { } known || !board.IsShared || title.IsGathered(rendition))
        {
            return title.Find(rendition, number);
        }

        if (await catalog.FindChunkAsync(asset, rendition, number, ct) is { } row)
        {
            title.Add(row);
        }

        return title.Find(rendition, number);
    }

    /// <summary>Waits for the chunk as long as a viewer does.</summary>
    private async Task WaitAsync(AssetId asset, TitleChunks title, string rendition, int number, Task published, CancellationToken ct)
    {
        var end = Task.Delay(TimeSpan.FromSeconds(options.Transcode.WaitSeconds), clock, ct);
        while (await Task.WhenAny(published, end, board.IsShared ? Task.Delay(TitleChunks.BetweenLooks, clock, ct) : end) is var first
            && first != published && first != end)
        {
            if (title.TryLook(rendition, number, clock.GetUtcNow()))
            {
                await LookAsync(asset, title, rendition, number, ct);
            }
        }

        ct.ThrowIfCancellationRequested();
    }

    private ChunkAnswer Told(Setback setback) => setback.Until is { } until
        ? ChunkAnswer.Later(
            Math.Clamp((int)Math.Ceiling((until - clock.GetUtcNow()).TotalSeconds), RetryAfterSeconds, LongestRetryAfterSeconds), setback.Reason)
        : ChunkAnswer.Never(setback.Reason);

    /// <summary>Sees to it that a task makes the chunk. Not ended by a viewer who leaves: others may wait for it too.</summary>
    private async Task<ChunkAnswer?> AskAsync(TitleChunks title, string jobId, string rendition, int number)
    {
        var seconds = rendition[0] == 'a' ? SoundRunSeconds : RunSeconds;
        var end = number + Math.Max(1, (int)(seconds / options.Transcode.ChunkSeconds));
        if (title.TryClaim(rendition, number, end, clock.GetUtcNow()) is not { } claim)
        {
            return null;
        }

        try
        {
            var wanted = new NewTask(Urgency.Viewer, number, end, rendition);
            if (await catalog.AddTaskAsync(jobId, wanted, clock.GetUtcNow(), CancellationToken.None) is { } task)
            {
                title.Confirm(claim, task.Id);
                queue.Announce(Urgency.Viewer, 1);
                return null;
            }

            return await WhyNotAsync(jobId) ?? ChunkAnswer.Never("its encoding was called off");
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return ChunkAnswer.Later(LongestRetryAfterSeconds, DiskFull.Reason);
        }
        finally
        {
            title.Released(claim); // Nothing is left to release when the task has it.
        }
    }

    /// <summary>What of the job's state keeps a chunk from being made; null when nothing does.</summary>
    private async Task<ChunkAnswer?> WhyNotAsync(string jobId) => await catalog.FindJobAsync(jobId, CancellationToken.None) switch
    {
        null => ChunkAnswer.Never("it has no encoding job"),
        { State: JobState.Failed } job => ChunkAnswer.Never(job.Reason ?? "its encoding failed"),
        { State: JobState.Cancelled } => ChunkAnswer.Never("its encoding was called off"),
        { State: JobState.Paused } => ChunkAnswer.Later(LongestRetryAfterSeconds, "its encoding is paused"),
        _ => null,
    };
}
