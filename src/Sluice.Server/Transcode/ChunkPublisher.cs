using System.Security.Cryptography;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>The task is no longer ours: another worker has it, or its job was stopped.</summary>
internal sealed class LeaseLostException() : Exception("The lease of the task was lost.");

/// <summary>Publishes finished chunks: first the object, then the row that makes it exist. A chunk whose row was refused
/// leaves no object.</summary>
internal sealed class ChunkPublisher(IObjectStore store, ICatalog catalog)
{
    /// <summary>Publishes one chunk, unless it exists already.</summary>
    /// <exception cref="IOException">It could not be stored: the disk is full, or failing.</exception>
    /// <exception cref="LeaseLostException">The task is no longer ours.</exception>
    public async Task PublishAsync(WorkTask task, TitleChunks title, FinishedChunk chunk, bool isPlaceholder, CancellationToken ct)
    {
        if (title.Find(chunk.Rendition, chunk.Number) is not null || title.IsGathered(chunk.Rendition))
        {
            return;
        }

        var row = new ChunkRow(
            chunk.Rendition, chunk.Number, task.Fence, chunk.Bytes.Length, chunk.HeadBytes, SHA256.HashData(chunk.Bytes), isPlaceholder);
        var key = ObjectKey.Chunk(task.Asset, chunk.Rendition, chunk.Number, task.Fence);
        await using (var stage = store.Stage(task.Asset))
        {
            var path = stage.PathOf(key.Name);
            await File.WriteAllBytesAsync(path, chunk.Bytes, ct);
            await store.PutAsync(key, path, ct);
        }

        if (await catalog.PublishChunkAsync(task, row, ct))
        {
            title.Add(row);
            return;
        }

        var published = await catalog.ListChunksAsync(task.Asset, ct);
        if (published.FirstOrDefault(c => c.Rendition == chunk.Rendition && c.Number == chunk.Number) is not { } other)
        {
            await store.RemoveAsync(key, ct);
            throw new LeaseLostException();
        }

        if (other.Maker != task.Fence)
        {
            await store.RemoveAsync(key, ct); // Another task was quicker.
        }

        title.Add(other);
    }
}
