namespace Sluice.Media.Manifests;

/// <summary>The URIs of one track's files, absolute or relative to the manifest, without queries. A segment's URI is
/// <see cref="Prefix"/>, its number in decimal, <see cref="Suffix"/>.</summary>
public sealed record SegmentUris
{
    /// <summary>The init segment (CMAF header), e.g. <c>init.mp4</c>; null for MPEG-TS, which has none.</summary>
    public string? Init { get; init; }

    /// <summary>What comes before the number, e.g. <c>v0/</c> or <c>segment</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What comes after the number, e.g. <c>.m4s</c>.</summary>
    public required string Suffix { get; init; }

    /// <summary>Number of the first segment.</summary>
    public int FirstNumber { get; init; } = 1;
}
