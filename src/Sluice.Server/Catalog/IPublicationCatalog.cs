namespace Sluice.Server.Catalog;

/// <summary>The part of the catalog that knows where titles are published.</summary>
internal interface IPublicationCatalog
{
    /// <summary>Writes the row of a title and a target, in the place of an earlier one, together with the job that is to make it true. While a
    /// job of that row is under way nothing is changed.</summary>
    /// <returns>The row as it is now: <see cref="Publication.JobId"/> is that of the job. Null when there is no such title.</returns>
    Task<(Publication Row, bool IsBegun)?> BeginPublicationAsync(Publication publication, NewJob job, DateTimeOffset now, CancellationToken ct);

    /// <summary>Those of one title, oldest first.</summary>
    Task<IReadOnlyList<Publication>> ListPublicationsAsync(AssetId asset, CancellationToken ct);

    /// <summary>Those of one target that were published to the end and that nobody has asked to take away since.</summary>
    Task<IReadOnlyList<Publication>> ListPublishedAsync(string target, CancellationToken ct);

    /// <summary>The one that a job was last made for; null when there is none any more.</summary>
    Task<Publication?> FindPublicationAsync(string jobId, CancellationToken ct);

    /// <summary>Changes the row that a job was last made for; null removes it. Nothing happens when there is none any more.</summary>
    Task EndPublicationAsync(string jobId, Func<Publication, Publication?> change, CancellationToken ct);
}
