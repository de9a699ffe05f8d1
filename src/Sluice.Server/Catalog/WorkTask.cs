namespace Sluice.Server.Catalog;

/// <summary>Who waits for a task. Higher goes first.</summary>
internal enum Urgency
{
    /// <summary>Nobody: done when there is time.</summary>
    Background = 0,

    /// <summary>A title cannot be played before it is done.</summary>
    Title = 1,

    /// <summary>A viewer's player waits for a chunk of it right now.</summary>
    Viewer = 2,
}

/// <summary>How far a task is.</summary>
internal enum WorkState
{
    /// <summary>May be claimed from <see cref="WorkTask.NotBefore"/> on.</summary>
    Queued,

    /// <summary>Held by a worker until <see cref="WorkTask.LeaseUntil"/>; whoever comes later may claim it again.</summary>
    Running,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Given up after the last attempt.</summary>
    Failed,

    /// <summary>Called off with its job.</summary>
    Cancelled,
}

/// <summary>A part of a job that one worker does at a time, under a lease.</summary>
internal sealed record WorkTask
{
    /// <summary>Number; grows.</summary>
    public long Id { get; init; }

    /// <summary>The job that it is a part of.</summary>
    public required string JobId { get; init; }

    /// <summary>Whose.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>What is done.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>Who waits.</summary>
    public required Urgency Urgency { get; init; }

    /// <summary>First chunk, from 1; 0 when the task is not about chunks.</summary>
    public int FirstChunk { get; init; }

    /// <summary>Chunk after the last one; 0 when the task is not about chunks.</summary>
    public int EndChunk { get; init; }

    /// <summary>Ids of the renditions to be made, separated by commas; empty means all.</summary>
    public string Renditions { get; init; } = "";

    /// <summary>How far it is.</summary>
    public WorkState State { get; init; }

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; init; }

    /// <summary>Attempts that failed since the task last published a chunk. A worker's death is none: it says nothing about
    /// the task.</summary>
    public int Failures { get; init; }

    /// <summary>Is not claimed before this instant.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>Grows with every claim. A worker whose number is no longer the task's has lost it and may publish nothing.</summary>
    public long Fence { get; init; }

    /// <summary>Who holds it; null when nobody does.</summary>
    public string? Owner { get; init; }

    /// <summary>Until when the holder may work on without renewing.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Why the last attempt failed; null when none did.</summary>
    public string? Reason { get; init; }
}

/// <summary>A job that is to be made, with its tasks.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Tasks">Its parts, in the order in which they are best done.</param>
internal sealed record NewJob(JobKind Kind, IReadOnlyList<NewTask> Tasks);

/// <summary>A task that is to be made. See <see cref="WorkTask"/> for the parts.</summary>
internal sealed record NewTask(Urgency Urgency, int FirstChunk = 0, int EndChunk = 0, string Renditions = "")
{
    private static readonly TimeSpan AMoment = TimeSpan.FromSeconds(2);

    /// <summary>It may be claimed so long after it was made.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Work beside a title that plays already. Who has waited for its upload looks at it now: processes that start in
    /// this moment would take half of the machine from them.</summary>
    public static NewTask Beside() => new(Urgency.Background) { Delay = AMoment };
}

/// <summary>One published chunk: it exists if and only if this row does, and then its object has these bytes.</summary>
/// <param name="Rendition">Id of the rendition.</param>
/// <param name="Number">From 1.</param>
/// <param name="Maker">Names the claim that made it; part of the object's name, so that nobody overwrites it.</param>
/// <param name="SizeBytes">Size of the whole CMAF segment.</param>
/// <param name="HeadBytes">Length of <c>styp</c>, <c>moof</c> and the header of <c>mdat</c>.</param>
/// <param name="Sha256">Of all bytes.</param>
/// <param name="IsPlaceholder">Black picture or silence, because this part of the source could not be encoded.</param>
internal sealed record ChunkRow(
    string Rendition, int Number, long Maker, int SizeBytes, int HeadBytes, byte[] Sha256, bool IsPlaceholder);
