using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Package.Making;
using Sluice.Server.Probe;
using Sluice.Server.Store;

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
    /// <summary>Why what was asked for beside cannot be done, and what can; nothing is to be kept then. Null otherwise.</summary>
    public string? WishProblem { get; init; }

    /// <summary>What is offered; empty when it is just the tracks that have an id, as they lie.</summary>
    public IReadOnlyList<Rendition> Renditions { get; init; } = [];

    /// <summary>Objects that were written beside the source, those that others refer to first.</summary>
    public IEnumerable<ObjectKey> ObjectsOf(AssetId asset)
    {
        var tracks = Renditions.Count > 0 ? Renditions.Select(r => r.Id) : Tracks.Select(t => t.Id).OfType<string>();
        return [ObjectKey.Remux(asset), .. tracks.SelectMany(id => (ObjectKey[])[ObjectKey.Gathered(asset, id), ObjectKey.Index(asset, id)]), ObjectKey.Plan(asset)];
    }

    /// <summary>Bytes that all chunks together take at most, once all are encoded; 0 when nothing is.</summary>
    public long EncodedBytes { get; init; }

    /// <summary>How the title's time follows from the source's, where all of it is encoded; null elsewhere.</summary>
    public TitleZero? Zero { get; init; }

    /// <summary>Subtitles that are pictures, where the file was looked at for them; null elsewhere.</summary>
    public IReadOnlyList<DrawableSubtitles>? Drawable { get; init; }

    /// <summary>What is to be done once the title exists.</summary>
    public IReadOnlyList<NewJob> Jobs { get; init; } = [];
}

/// <summary>What came of copying.</summary>
/// <param name="Result">As for a title of which nothing is encoded.</param>
/// <param name="ToEncode">The tracks that are to be encoded, by track_ID, or as <see cref="CountsStreams"/> says.</param>
/// <param name="OriginSeconds">Whole seconds that the copied tracks are later than in the source.</param>
internal sealed record CopyResult(PackageResult Result, IReadOnlyList<(uint TrackId, TrackVerdict Verdict)> ToEncode, long OriginSeconds)
{
    /// <summary>A track that should have been copied could not be; the indexes that were written are of no use.</summary>
    public bool IsBroken { get; init; }

    /// <summary>What came of each track that was copied, picture first.</summary>
    public IReadOnlyList<TrackSummary> Copied { get; init; } = [];

    /// <summary>What is to be encoded is named by its place among the streams of the file, for its tracks have no track_ID.</summary>
    public bool CountsStreams { get; init; }

    /// <summary>Who makes segments of what was copied when they are wanted; null when they all lie in files.</summary>
    public ISegmentMaker? Maker { get; init; }

    /// <summary>Who finds the subtitles that are text when they are wanted; null when there are none, or they come with the whole file.</summary>
    public ISubtitleMaker? Texts { get; init; }

    /// <summary>Subtitles that are pictures, as far as the file's tables tell.</summary>
    public IReadOnlyList<DrawableSubtitles> Drawable { get; init; } = [];
}
