using Sluice.Server.Catalog;

namespace Sluice.Server.Package;

/// <summary>What came of packaging one staged source.</summary>
/// <param name="RefusedReason">Set when the file is no media at all: nothing of it is to be kept. Null otherwise.</param>
/// <param name="State">Whether it plays.</param>
/// <param name="Reason">Why it does not play, or what of it is lost although it does; null when all is well.</param>
/// <param name="Version">Names this packaging in URLs; empty when there is nothing to play.</param>
/// <param name="DurationSeconds">Presented length.</param>
/// <param name="Tracks">Verdict on every track of the source.</param>
internal sealed record PackageResult(
    string? RefusedReason,
    AssetState State,
    string? Reason,
    string Version,
    double DurationSeconds,
    IReadOnlyList<TrackVerdict> Tracks)
{
    /// <summary>What is offered; empty when it is just the tracks that have an id, as they lie.</summary>
    public IReadOnlyList<Rendition> Renditions { get; init; } = [];

    /// <summary>What is to be done once the title exists.</summary>
    public IReadOnlyList<NewJob> Jobs { get; init; } = [];
}
