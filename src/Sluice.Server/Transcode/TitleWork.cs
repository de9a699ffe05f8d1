using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Far;

namespace Sluice.Server.Transcode;

/// <summary>All that is read of a title before it is encoded. Dispose of it when nothing reads the source any more.</summary>
/// <param name="Plan">What is encoded and how.</param>
/// <param name="Tables">Cut tables by rendition.</param>
/// <param name="Runs">Puts runs together.</param>
/// <param name="Source">What the encoder reads.</param>
internal sealed record TitleEncode(
    EncodePlan Plan, IReadOnlyDictionary<string, RenditionTable> Tables, RunPlanner Runs, ReadableSource Source)
    : IAsyncDisposable
{
    /// <summary>The file that the encoder reads, or the address of a relay.</summary>
    public string InputPath => Source.Path;

    /// <summary>The last chunk of the rendition that has most.</summary>
    public int LastChunk => Tables.Values.Max(t => t.Count);

    /// <summary>Room that one chunk of each of these renditions takes at most.</summary>
    public long LargestChunkBytes(IEnumerable<string> renditions) => renditions.Sum(r => Tables.TryGetValue(r, out var table)
        ? (long)(table.Summary.PeakBitsPerSecond / 8.0 * table.Summary.LongestSegmentTicks / table.Summary.Timescale)
        : 0);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}

/// <summary>Opens titles for encoding.</summary>
internal sealed class TitleWork(IObjectStore store, TimeProvider clock)
{
    /// <summary>The title; null when it, its source or its plan is not there.</summary>
    public async Task<TitleEncode?> OpenAsync(AssetId asset, CancellationToken ct)
    {
        using var stored = await store.OpenAsync(ObjectKey.Plan(asset), ct);
        if (stored is null || await EncodePlan.ReadAsync(stored, ct) is not { } plan)
        {
            return null;
        }

        var tables = new Dictionary<string, RenditionTable>();
        foreach (var rendition in plan.Renditions)
        {
            if (await RenditionTable.ReadAsync(store, asset, rendition, ct) is not { } table)
            {
                return null;
            }

            tables[rendition] = table;
        }

        var frames = plan.Video?.Follows is { } leader ? await CopiedFrames.ReadAsync(store, asset, leader, ct) : null;
        var runs = new RunPlanner(plan, tables, frames is null ? null : frames.Of);
        return await ReadableSource.OpenAsync(store, plan.InputOf(asset), clock, ct) is { } source ? new TitleEncode(plan, tables, runs, source) : null;
    }
}
