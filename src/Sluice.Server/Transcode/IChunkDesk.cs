using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode;

/// <summary>Where delivery asks for chunks that may not exist yet.</summary>
internal interface IChunkDesk
{
    /// <summary>
    /// The chunk of an encoded rendition. One that does not exist is moved to the front and waited for, for a bounded
    /// time, once for all who ask.
    /// </summary>
    ValueTask<ChunkAnswer> FindAsync(AssetId asset, string rendition, int number, CancellationToken ct);
}

/// <summary>What the desk answers.</summary>
/// <param name="Chunk">The chunk; null when it is not there.</param>
/// <param name="FailedReason">Why it will not be there; null when asking again may help.</param>
/// <param name="RetryAfterSeconds">When to ask again; 0 with a chunk or a reason.</param>
internal readonly record struct ChunkAnswer(ChunkRow? Chunk, string? FailedReason, int RetryAfterSeconds);
