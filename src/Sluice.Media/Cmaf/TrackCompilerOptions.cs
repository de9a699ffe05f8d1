namespace Sluice.Media.Cmaf;

/// <summary>How one track is compiled.</summary>
public sealed record TrackCompilerOptions
{
    /// <summary>Name in URLs: <c>v0</c>, <c>a0</c>…</summary>
    public required string Id { get; init; }

    /// <summary>track_ID of the CMAF track, from 1.</summary>
    public required uint TrackId { get; init; }

    /// <summary>Target duration of a segment in seconds.</summary>
    public required double TargetSeconds { get; init; }

    /// <summary>Whole seconds added to every timestamp of every track of the asset, so that none is negative: what
    /// <see cref="TimelineOrigin"/> answers for all of them.</summary>
    public long OriginSeconds { get; init; }

    /// <summary>Segments of the track that leads, and its timescale; null for the leader itself.</summary>
    public (IReadOnlyList<SegmentTiming> Segments, uint Timescale)? Leader { get; init; }

    /// <summary>The compiler of the track that leads, where that one is not done yet; goes before <see cref="Leader"/>.</summary>
    public TrackCompiler? Following { get; init; }

    /// <summary>This is the track of its kind to play by default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>See <see cref="TrackSummary.AlternativeOf"/>.</summary>
    public string? AlternativeOf { get; init; }

    /// <summary>BCP 47 tag instead of the file's own; null keeps that.</summary>
    public string? Language { get; init; }

    /// <summary>Name for people instead of the file's own; null keeps that.</summary>
    public string? Name { get; init; }
}
