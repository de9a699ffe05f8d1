using Sluice.Server.Catalog;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Extras;

/// <summary>What extras are made from.</summary>
/// <param name="Asset">Whose.</param>
/// <param name="Path">Full path of the source.</param>
/// <param name="Facts">What it is.</param>
internal sealed record ExtrasSource(AssetId Asset, string Path, SourceFacts Facts);

/// <summary>What came of one part of the extras.</summary>
/// <param name="Objects">What was made in the stage; empty when there is nothing of the kind.</param>
/// <param name="Problem">Why it could not be made, in words for a person; null when all is well.</param>
/// <param name="Log">ffmpeg's own last words, or null.</param>
internal sealed record PartResult(IReadOnlyList<ObjectKey> Objects, string? Problem, string? Log)
{
    /// <summary>There is nothing of the kind in the source.</summary>
    public static PartResult Nothing { get; } = new([], null, null);
}
