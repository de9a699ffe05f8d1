using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Transcode;

/// <summary>One attempt at a task: what is left to be made, and what came in between.</summary>
/// <param name="task">The task, claimed.</param>
/// <param name="work">Its title.</param>
/// <param name="title">The title's chunks.</param>
/// <param name="renditions">Those that the task makes.</param>
internal sealed class EncodeAttempt(WorkTask task, TitleEncode work, TitleChunks title, string[] renditions)
{
    /// <summary>A task that is due may have to wait for a lane.</summary>
    private static readonly TimeSpan UntilClaimed = TimeSpan.FromSeconds(2);

    private int _firstBroken = int.MaxValue;
    private int _endBroken;

    /// <summary>The task, claimed.</summary>
    public WorkTask Task => task;

    /// <summary>Its title.</summary>
    public TitleEncode Work => work;

    /// <summary>The title's chunks.</summary>
    public TitleChunks Title => title;

    /// <summary>Chunk behind the last of the task.</summary>
    public int End { get; } = Math.Min(task.EndChunk, work.LastChunk + 1);

    /// <summary>What went wrong so far.</summary>
    public RunTroubles Troubles { get; } = new(
        Math.Max(0, Math.Min(task.EndChunk, work.LastChunk + 1) - task.FirstChunk), title.CountPlaceholders(task.FirstChunk, task.EndChunk));

    /// <summary>A chunk was published.</summary>
    public bool MadeProgress { get; set; }

    /// <summary>What it would make next is farther from all viewers than what is kept, and there is no room for both.</summary>
    public bool IsFull { get; set; }

    /// <summary>Nobody waits for what the background makes, and it is made all the same; a viewer's task is for viewers: somebody must
    /// have asked of late for what it made, or is about to make.</summary>
    /// <param name="next">The chunk that it makes next.</param>
    /// <param name="now">The time.</param>
    public bool IsWanted(int next, DateTimeOffset now) =>
        task.Urgency != Urgency.Viewer || title.IsWanted(renditions, task.FirstChunk, EndOfInterest(next), now);

    /// <summary>Ends the claim of a task that is not wanted any more; false when it is to go on.</summary>
    /// <param name="next">The chunk that it would make next.</param>
    /// <param name="now">The time.</param>
    public bool ReleaseUnwanted(int next, DateTimeOffset now) =>
        task.Urgency == Urgency.Viewer && title.ReleaseUnwanted(task.Id, renditions, task.FirstChunk, EndOfInterest(next), now);

    /// <summary>The renditions of which a chunk of that number is still to be made.</summary>
    public HashSet<string> Missing(int number) => Missing(renditions, number);

    /// <summary>The first chunk from <paramref name="first"/> to before <paramref name="end"/> that one of these renditions lacks; the
    /// end when none does.</summary>
    public int NextMissing(IReadOnlyCollection<string> of, int first, int end)
    {
        var number = first;
        while (number < end && Missing(of, number).Count == 0)
        {
            number++;
        }

        return number;
    }

    /// <summary>These chunks are not made by this attempt, because something broke.</summary>
    public void BrokeAt(int first, int end) => (_firstBroken, _endBroken) = (Math.Min(_firstBroken, first), Math.Max(_endBroken, end));

    /// <summary>What viewers are told of the chunks that this attempt did not make; null when they need not be told anything.</summary>
    public Setback? SetbackOf(TaskResult result, DateTimeOffset now)
    {
        var failures = result.MadeProgress ? 0 : task.Failures;
        return result switch
        {
            { Reason: null } => null,
            { Pause: { } pause } => new Setback(renditions, task.FirstChunk, task.EndChunk, result.Reason, now + pause + UntilClaimed),
            _ => new Setback(
                renditions, _firstBroken, _endBroken, result.Reason,
                result.MayRetry && RetryDelay.MayFollow(failures) ? now + RetryDelay.After(failures, 1) + UntilClaimed : null),
        };
    }

    private static int EndOfInterest(int next) => next + ChunkClaim.Near + 1;

    private HashSet<string> Missing(IEnumerable<string> of, int number) =>
    [
        .. of.Where(r => work.Tables.TryGetValue(r, out var table) && number <= table.Count
            && title.Find(r, number) is null && !title.IsGathered(r)),
    ];
}
