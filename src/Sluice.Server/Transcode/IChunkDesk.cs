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
/// <param name="Reason">Why it is not there, in words for a person; null when it is just not there yet.</param>
/// <param name="RetryAfterSeconds">When to ask again; 0 when that is of no use.</param>
internal readonly record struct ChunkAnswer(ChunkRow? Chunk, string? Reason, int RetryAfterSeconds)
{
    /// <summary>It is there.</summary>
    public static ChunkAnswer Of(ChunkRow chunk) => new(chunk, null, 0);

    /// <summary>Asking again may help.</summary>
    public static ChunkAnswer Later(int seconds, string? reason = null) => new(null, reason, seconds);

    /// <summary>It will not be there.</summary>
    public static ChunkAnswer Never(string reason) => new(null, reason, 0);
}
