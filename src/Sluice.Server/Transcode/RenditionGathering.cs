using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// When every chunk of a rendition exists, puts them together: one payload file and the complete index, as any copied
/// track has them. Not a byte that is served changes, but what manifests say of its bit rate is exact from then on.
/// </summary>
internal sealed partial class RenditionGathering(
    IObjectStore store, ICatalog catalog, AssetDirectory assets, ObjectsReplaced replaced, TimeProvider clock, ILogger<RenditionGathering> logger)
    : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Gathers the renditions of a title that are complete and not gathered yet. What another process gathered, or this one
    /// before it was killed, is taken note of, and what it left undone is done.</summary>
    /// <returns>False when there was no room for one: it plays as it lies, and is gathered when there is.</returns>
    public async Task<bool> GatherAsync(AssetId asset, TitleEncode work, TitleChunks title, CancellationToken ct)
    {
        if (work.Plan.MostChunkBytes is not null)
        {
            return true; // Its chunks come and go.
        }

        await _gate.WaitAsync(ct);
        try
        {
            var hadRoom = true;
            foreach (var (rendition, table) in work.Tables)
            {
                var chunks = title.Of(rendition);
                if (title.IsGathered(rendition) || (!table.IsGathered && chunks.Count < table.Count))
                {
                    continue;
                }

                if (!table.IsGathered && chunks.Sum(c => (long)c.SizeBytes) > store.FreeBytes)
                {
                    hadRoom = false; // As long as it is not done, the rendition is there twice.
                    continue;
                }

                if (!table.IsGathered)
                {
                    await GatherAsync(asset, rendition, chunks, ct);
                    Log.Gathered(logger, asset, rendition, chunks.Count);
                }

                title.Gathered(rendition);
                if (chunks.Count > 0)
                {
                    await ListAsync(asset, rendition, ct);

                    // The rows last: as long as there is one, the next process knows that something is left.
                    await store.RemoveChunksAsync(asset, rendition, ct);
                    await catalog.RemoveChunksAsync(asset, rendition, ct);
                }
            }

            return hadRoom;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async Task GatherAsync(AssetId asset, string rendition, IReadOnlyList<ChunkRow> chunks, CancellationToken ct)
    {
        var (payloadKey, indexKey) = (ObjectKey.Gathered(asset, rendition), ObjectKey.Index(asset, rendition));
        using var stored = await store.OpenAsync(indexKey, ct) ?? throw new InvalidDataException("The cut table is not there.");
        var cutTable = new byte[stored.Length];
        if (!await stored.ReadAllAsync(0, cutTable, ct) || TrackIndexReader.TryOpen(new MemoryByteSource(cutTable)) is not { } table)
        {
            throw new InvalidDataException("The cut table is damaged.");
        }

        await using var stage = store.Stage(asset);
        using (var sink = new FileByteSink(stage.PathOf(indexKey.Name)))
        {
            await using var payload = new FileStream(stage.PathOf(payloadKey.Name), FileMode.CreateNew, FileAccess.Write);
            var gather = new ChunkGather(table, sink);
            foreach (var chunk in chunks)
            {
                var bytes = await ReadAsync(asset, chunk, ct);
                gather.Append(bytes.AsMemory(0, chunk.HeadBytes), chunk.SizeBytes - chunk.HeadBytes);
                await payload.WriteAsync(bytes.AsMemory(chunk.HeadBytes), ct);
            }

            gather.Finish();
            sink.Complete();
        }

        // In this order: an index never refers to a file that is not there.
        await store.PutAsync(payloadKey, stage.PathOf(payloadKey.Name), ct);
        await store.PutAsync(indexKey, stage.PathOf(indexKey.Name), ct);
    }

    private async Task<byte[]> ReadAsync(AssetId asset, ChunkRow chunk, CancellationToken ct)
    {
        using var stored = await store.OpenAsync(ObjectKey.Chunk(asset, chunk.Rendition, chunk.Number, chunk.Maker), ct);
        var bytes = new byte[chunk.SizeBytes];
        return stored is not null && stored.Length == bytes.Length && await stored.ReadAllAsync(0, bytes, ct)
            && System.Security.Cryptography.SHA256.HashData(bytes).AsSpan().SequenceEqual(chunk.Sha256)
                ? bytes
                : throw new InvalidDataException($"Chunk {chunk.Number} of {chunk.Rendition} is not what was published.");
    }

    private async Task ListAsync(AssetId asset, string rendition, CancellationToken ct)
    {
        await assets.UpdateAsync(asset, a => a with
        {
            Renditions = [.. a.Renditions.Select(r => r.Id == rendition ? r with { IsListed = !r.IsReplaced } : r)],
            Revision = a.Revision + 1,
            UpdatedAt = clock.GetUtcNow(),
        }, ct);
        replaced(asset);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Asset}: {Rendition} is complete, {Count} chunks")]
        public static partial void Gathered(ILogger logger, AssetId asset, string rendition, int count);
    }
}
