namespace Sluice.Server.Catalog;

/// <summary>Where an import comes from.</summary>
internal enum ImportKind
{
    /// <summary>It is downloaded.</summary>
    Url,

    /// <summary>It lay in the watch folder.</summary>
    Watch,

    /// <summary>It is a recording of a channel.</summary>
    Channel,

    /// <summary>It is a file of a torrent.</summary>
    Torrent,
}

/// <summary>A file that the server fetches by itself. Immutable; the catalog answers with a new one after each change.</summary>
internal sealed record Import
{
    /// <summary>Its name, and that of the title that it becomes: after a crash, a title of this name says that it was done.</summary>
    public required AssetId Id { get; init; }

    /// <summary>Where from.</summary>
    public required ImportKind Kind { get; init; }

    /// <summary>The whole URL, secrets included, or the path in the watch folder, or the name of a channel with the id, or the number of a torrent's file with
    /// a link to it. Once it is over, what may be shown of it.</summary>
    public required string Source { get; init; }

    /// <summary>The source without secrets.</summary>
    public required string Shown { get; init; }

    /// <summary>Title that was asked for; null makes one of the file's name.</summary>
    public string? Title { get; init; }

    /// <summary>Minutes of the title's life; null for ever.</summary>
    public int? ExpiryMinutes { get; init; }

    /// <summary>How far it is; never <see cref="JobState.Paused"/>.</summary>
    public JobState State { get; init; } = JobState.Queued;

    /// <summary>Name of the file; null while it is not known.</summary>
    public string? FileName { get; init; }

    /// <summary>Bytes that have come and are on the disk.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes that there are; null while that is not known.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What tells the state of the file that <see cref="Bytes"/> are of: an entity tag or a date, or size and time of a file; null
    /// when nothing does.</summary>
    public string? Validator { get; init; }

    /// <summary>Why it failed, what it waits for, or what is left to be done; null when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended; null until then.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>It has not ended.</summary>
    public bool IsOpen => FinishedAt is null;

    /// <summary>The same at its end. What is kept of the source is what may be shown.</summary>
    public Import Ended(JobState state, string? reason, DateTimeOffset now) =>
        this with { State = state, Reason = reason, Source = Kind is ImportKind.Url or ImportKind.Torrent ? Shown : Source, UpdatedAt = now, FinishedAt = now };
}
