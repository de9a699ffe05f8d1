using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest.Imports;

/// <summary>What is to be downloaded; the members are those of <see cref="Import"/>.</summary>
internal sealed record ImportWish(ImportKind Kind, string Source, string Shown)
{
    public string? Title { get; init; }

    public int? ExpiryMinutes { get; init; }

    public string? FileName { get; init; }

    public long? TotalBytes { get; init; }
}
