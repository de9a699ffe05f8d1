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
    /// <summary>Makes sure that chunks of so many bytes can be published. The reserve is left alone, for a catalog that finds no room
    /// can say nothing any more, and forget nothing either.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void RequireRoom(long bytes) => DiskFull.Require(store, bytes);

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
        RequireRoom(chunk.Bytes.Length);
        await using (var stage = store.Stage(task.Asset))
        {
            var path = stage.PathOf(key.Name);
            await File.WriteAllBytesAsync(path, chunk.Bytes, ct);
            await store.PutAsync(key, path, ct);
        }

        if (await AddRowAsync(task, row, key))
        {
            title.Add(row);
            return;
        }

        var published = await catalog.ListChunksAsync(task.Asset, ct);
        if (published.FirstOrDefault(c => c.Rendition == chunk.Rendition && c.Number == chunk.Number) is not { } other)
        {
            await store.RemoveAsync(key, ct);
            if (!await catalog.IsGatheredAsync(task.Asset, chunk.Rendition, ct))
            {
                throw new LeaseLostException();
            }

            title.Gathered(chunk.Rendition); // By another server, meanwhile.
            return;
        }

        if (other.Maker != task.Fence)
        {
            await store.RemoveAsync(key, ct); // Another task was quicker.
        }

        title.Add(other);
    }

    /// <summary>Removes chunks of a title that keeps no more than so many bytes of them.</summary>
    /// <returns>False when the chunk that was published last is one of those.</returns>
    public async Task<bool> ShedAsync(
        AssetId asset, TitleChunks title, long mostBytes, (string Rendition, int Number) newest, DateTimeOffset now, CancellationToken ct)
    {
        var shed = title.Shed(mostBytes, newest, now);
        foreach (var chunk in shed)
        {
            await catalog.RemoveChunkAsync(asset, chunk, ct);
            await store.RemoveAsync(ObjectKey.Chunk(asset, chunk.Rendition, chunk.Number, chunk.Maker), ct);
        }

        return !shed.Any(chunk => (chunk.Rendition, chunk.Number) == newest);
    }

    private async Task<bool> AddRowAsync(WorkTask task, ChunkRow row, ObjectKey key)
    {
        try
        {
            // Not to be called off: whether there is a row must be known.
            return await catalog.PublishChunkAsync(task, row, CancellationToken.None);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            await store.RemoveAsync(key, CancellationToken.None); // The catalog found no room for the row, so nobody knows of the object.
            throw;
        }
    }
}
