namespace Sluice.Server.Catalog;

/// <summary>What is to be done with an asset.</summary>
internal enum JobKind
{
    /// <summary>Repackage the source into an indexable file, without encoding.</summary>
    Remux,

    /// <summary>Encode every chunk of every encoded rendition, and gather them.</summary>
    Encode,

    /// <summary>Poster, storyboard and subtitles.</summary>
    Extras,

    /// <summary>Plan the renditions anew, in another way, and put them in the place of the old ones.</summary>
    Replan,

    /// <summary>Look again at a file that did not play, and do what makes it play.</summary>
    Prepare,

    /// <summary>Write the title to a place from which others serve it.</summary>
    Publish,

    /// <summary>Take it away from there.</summary>
    Unpublish,
}

/// <summary>How far a job is.</summary>
internal enum JobState
{
    /// <summary>No task of it was begun yet.</summary>
    Queued,

    /// <summary>Begun: its tasks run, or wait for a worker or their next attempt.</summary>
    Running,

    /// <summary>Stopped by its operator; goes on when told to.</summary>
    Paused,

    /// <summary>All is done; <see cref="Job.Reason"/> may say what is missing nevertheless.</summary>
    Done,

    /// <summary>Given up; <see cref="Job.Reason"/> says why.</summary>
    Failed,

    /// <summary>Called off by its operator.</summary>
    Cancelled,
}

/// <summary>One job: what people see. Its work is cut into tasks, which workers claim.</summary>
internal sealed record Job
{
    /// <summary>Name; random, 16 characters as an <see cref="AssetId"/> has.</summary>
    public required string Id { get; init; }

    /// <summary>Whose job.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>What is done.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>How far it is.</summary>
    public required JobState State { get; init; }

    /// <summary>Tasks in all.</summary>
    public int TaskCount { get; init; }

    /// <summary>Tasks that are done or given up.</summary>
    public int TasksDone { get; init; }

    /// <summary>Part that is done, 0 to 1: as last reported, else the part of its tasks.</summary>
    public double Progress { get; init; }

    /// <summary>Why it failed or what it lacks, in words for a person; null when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Why a task of it waits for its next attempt, in words for a person; null when none does, or when the job has ended.</summary>
    public string? Trouble { get; init; }

    /// <summary>What people are told first.</summary>
    public string? ShownReason => Trouble ?? Reason;

    /// <summary>The last lines that the tool itself said, without paths; null when nothing failed.</summary>
    public string? Log { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
