using Sluice.Server.Catalog;

namespace Sluice.Server.Manage;

/// <summary>An import as the API and its event show it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind"><c>url</c>, <c>watch</c> for a file of the watch folder, <c>channel</c> for a recording of a channel, or <c>torrent</c>.</param>
/// <param name="Source">Where from, without passwords and query; the channel's name.</param>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Title">Title that was asked for, or null.</param>
/// <param name="FileName">Name of the file; null while it is not known.</param>
/// <param name="Bytes">Bytes that have come.</param>
/// <param name="TotalBytes">Bytes that there are; null while that is not known.</param>
/// <param name="Reason">Why it failed or what it waits for; null when all is well.</param>
/// <param name="MediaId">The title that it became; null until then.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
internal sealed record ImportView(
    string Id,
    [property: Words(typeof(ImportKind))] string Kind,
    string Source,
    [property: Words(typeof(WorkState))] string State,
    string? Title,
    string? FileName,
    long Bytes,
    long? TotalBytes,
    string? Reason,
    string? MediaId,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>The view of <paramref name="import"/>.</summary>
    public static ImportView Of(Import import) => new(
        import.Id.Value,
        import.Kind.Name(),
        import.Shown,
        import.State.Name(),
        import.Title,
        import.FileName,
        import.Bytes,
        import.TotalBytes,
        import.Reason,
        import.State == JobState.Done ? import.Id.Value : null,
        import.CreatedAt,
        import.UpdatedAt,
        import.FinishedAt);
}

/// <summary>One page of imports.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">To be sent as <c>after</c> for the next page; null at the end.</param>
internal sealed record ImportPage(IReadOnlyList<ImportView> Items, string? Next);

/// <summary>What is to be imported.</summary>
/// <param name="Url">http or https, or a magnet link.</param>
/// <param name="Title">Title; one is made of the file's name when absent.</param>
/// <param name="ExpiresInMinutes">Minutes of the title's life; for ever when absent.</param>
/// <param name="File">Number of the torrent's file, from 0; the largest video when absent.</param>
internal sealed record ImportRequest(string Url, string? Title = null, int? ExpiresInMinutes = null, int? File = null);
