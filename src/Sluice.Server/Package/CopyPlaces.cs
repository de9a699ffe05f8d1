using Sluice.Media.Cmaf;

namespace Sluice.Server.Package;

/// <summary>Where copied tracks go that join renditions which a title has already.</summary>
/// <param name="Leader">Cuts that sounds follow, with their timescale; null for those of the copied picture.</param>
/// <param name="PlaceOf">The place of a track, by the id that triage gave it: <c>v0</c>, <c>a0</c>, <c>a1</c>… in the file's order.</param>
internal sealed record CopyPlaces(
    (IReadOnlyList<SegmentTiming> Segments, uint Timescale)? Leader, Func<string, CopyPlace> PlaceOf);

/// <summary>The rendition that a copied track becomes.</summary>
/// <param name="Id">Name in URLs.</param>
/// <param name="TrackId">track_ID.</param>
/// <param name="IsDefault">It is the one of its kind to be played by default.</param>
internal sealed record CopyPlace(string Id, uint TrackId, bool IsDefault)
{
    /// <summary>Id of the rendition of the same sound in whose place it may be played; null for none.</summary>
    public string? AlternativeOf { get; init; }

    /// <summary>BCP 47 tag instead of the file's own; null keeps that.</summary>
    public string? Language { get; init; }

    /// <summary>Name for people instead of the file's own; null keeps that.</summary>
    public string? Name { get; init; }
}
