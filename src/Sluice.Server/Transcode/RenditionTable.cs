using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>The cut table of one rendition, from its index: the same rows that manifests are made from.</summary>
/// <param name="Summary">What manifests say of it.</param>
/// <param name="Init">Its CMAF header.</param>
/// <param name="Timings">Where each chunk lies, the first being number 1.</param>
/// <param name="IsGathered">The index was complete when it was read: the chunks are in it.</param>
internal sealed record RenditionTable(TrackSummary Summary, byte[] Init, SegmentTiming[] Timings, bool IsGathered = false)
{
    /// <summary>The decoder configuration of all chunks.</summary>
    public SampleDescription? Description { get; } = InitSegmentReader.Description(Init, Summary.Kind);

    /// <summary>Chunks in all.</summary>
    public int Count => Timings.Length;

    /// <summary>The table of a rendition; null when its index is not there or damaged.</summary>
    public static async Task<RenditionTable?> ReadAsync(IObjectStore store, AssetId asset, string rendition, CancellationToken ct)
    {
        using var index = await store.OpenAsync(ObjectKey.Index(asset, rendition), ct);
        return index is null ? null : await TrackIndexFile.ReadAsync(index, ct) is { } file
            ? new RenditionTable(file.Summary, file.Init, [.. file.Rows.Select(r => r.Timing)], file.Rows.All(r => r.ExtentCount > 0))
            : null;
    }
}
