using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Sluice.Server.Transcode;

namespace Sluice.Server.Deliver;

/// <summary>Where the chunks of an asset's encoded renditions come from.</summary>
internal sealed class ChunkSource(IChunkDesk desk, IObjectStore store, AssetId asset) : ISegmentSource
{
    /// <inheritdoc />
    public async ValueTask<StoredSegment> OpenAsync(StoredTrack track, int number, SegmentTiming timing, CancellationToken ct)
    {
        var answer = await desk.FindAsync(asset, track.Summary.Id, number, ct);
        if (answer.Chunk is not { } chunk)
        {
            throw new ChunkAbsentException(answer.Reason, answer.RetryAfterSeconds);
        }

        // It may have been gathered since: then the next request finds it in the index.
        var key = ObjectKey.Chunk(asset, chunk.Rendition, chunk.Number, chunk.Maker);
        return await store.OpenAsync(key, ct) is { } reader
            ? new StoredSegment(track, StoredSegment.EntryOf(timing, chunk.SizeBytes, chunk.HeadBytes), reader, BytePrint.OfHash(chunk.Sha256))
            : throw new ChunkAbsentException(null, 1);
    }
}

/// <summary>A chunk that cannot be sent now. An exception, for it is found deep inside of what is otherwise plain reading.</summary>
/// <param name="reason">Why it is not there, in words for a person; null when it is just not there yet.</param>
/// <param name="retryAfterSeconds">When to ask again; 0 when that is of no use.</param>
internal sealed class ChunkAbsentException(string? reason, int retryAfterSeconds) : Exception("The chunk is not there.")
{
    /// <summary>Why it is not there, in words for a person; null when it is just not there yet.</summary>
    public string? Reason { get; } = reason;

    /// <summary>Seconds after which to ask again; 0 when that is of no use.</summary>
    public int RetryAfterSeconds { get; } = retryAfterSeconds;
}
