using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// When every chunk of a rendition exists, puts them together: one payload file and the complete index, as any copied
/// track has them. Not a byte that is served changes, but what manifests say of its bit rate is exact from then on. Where other servers encode
/// too, one at a time does this for a title, of what the catalog knows then.
/// </summary>
internal sealed partial class RenditionGathering(
    IObjectStore store, ICatalog catalog, ChunkBoard board, Holds holds, AssetDirectory assets, ObjectsReplaced replaced, TimeProvider clock,
    ILogger<RenditionGathering> logger)
{
    /// <summary>Between two looks whether another server is done with a title.</summary>
    private static readonly TimeSpan UntilFree = TimeSpan.FromMilliseconds(500);

    private readonly NamedTurns _turns = new();

    /// <summary>Gathers the renditions of a title that are complete and not gathered yet. What another process gathered, or this one
    /// before it was killed, is taken note of, and what it left undone is done.</summary>
    /// <param name="asset">The title.</param>
    /// <param name="work">What is made of it.</param>
    /// <param name="title">What there is of that.</param>
    /// <param name="waits">Whether to wait for another server that is at it.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>False when there was no room for one: it plays as it lies, and is gathered when there is.</returns>
    public async Task<bool> GatherAsync(AssetId asset, TitleEncode work, TitleChunks title, bool waits, CancellationToken ct)
    {
        if (work.Plan.MostChunkBytes is not null)
        {
            return true; // Its chunks come and go.
        }

        using var turn = await _turns.TakeAsync(asset.Value, ct);
        if (!board.IsShared)
        {
            return await GatherInTurnAsync(asset, work, title, ct);
        }

        while (await IsThereAnyAsync(asset, work, title, ct))
        {
            await using var hold = await holds.TryTakeAsync($"gather {asset}", ct);
            if (hold is null && !waits)
            {
                break;
            }

            if (hold is null)
            {
                await Task.Delay(UntilFree, clock, ct);
                continue;
            }

            using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct, hold.Lost);
            try
            {
                await RenewAsync(asset, title, ends.Token);
                return await GatherInTurnAsync(asset, work, title, ends.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested && hold.Lost.IsCancellationRequested)
            {
                // Another server may be at it by now.
            }
        }

        return true;
    }

    private async Task<bool> GatherInTurnAsync(AssetId asset, TitleEncode work, TitleChunks title, CancellationToken ct)
    {
        var hadRoom = true;
        foreach (var (rendition, known) in work.Tables)
        {
            var chunks = title.Of(rendition);
            var table = await NowAsync(asset, rendition, known, chunks.Count, ct);
            var isLeft = title.IsGathered(rendition) && table.IsGathered && chunks.Count > 0; // In the middle of this, when the hold was lost.
            if (!isLeft && (title.IsGathered(rendition) || (!table.IsGathered && chunks.Count < table.Count)))
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
                if (board.IsShared)
                {
                    await catalog.MarkGatheredAsync(asset, rendition, ct); // Others may be about to publish one of its chunks.
                }

                await ListAsync(asset, rendition, ct);

                // The rows last: as long as there is one, the next process knows that something is left.
                await store.RemoveChunksAsync(asset, rendition, ct);
                await catalog.RemoveChunksAsync(asset, rendition, ct);
            }
        }

        return hadRoom;
    }

    /// <summary>Where others encode too: whether anything is complete and not gathered, as the catalog knows it now. Of what another one gathered a note is taken.</summary>
    private async Task<bool> IsThereAnyAsync(AssetId asset, TitleEncode work, TitleChunks title, CancellationToken ct)
    {
        var rows = await RenewAsync(asset, title, ct);
        foreach (var rendition in work.Tables.Where(table => table.Value.IsGathered && title.CountOf(table.Key) == 0).Select(table => table.Key))
        {
            title.Gathered(rendition);
        }

        // One that was put together, and of which there are rows, was left in the middle of that.
        return work.Tables.Any(table => title.IsGathered(table.Key)
            ? rows.Any(row => row.Rendition == table.Key)
            : table.Value.IsGathered || title.CountOf(table.Key) >= table.Value.Count);
    }

    private async Task<IReadOnlyList<ChunkRow>> RenewAsync(AssetId asset, TitleChunks title, CancellationToken ct)
    {
        var before = title.Changes;
        var rows = await catalog.ListChunksAsync(asset, ct);
        title.Renew(rows, before);
        store.Doubt(asset, null);
        return rows;
    }

    /// <summary>The table as it is now: where others encode too, one of them may have gathered the rendition since it was read, and its rows are left over.</summary>
    private async Task<RenditionTable> NowAsync(AssetId asset, string rendition, RenditionTable known, int published, CancellationToken ct)
    {
        return board.IsShared && !known.IsGathered && published > 0 ? await RenditionTable.ReadAsync(store, asset, rendition, ct) ?? known : known;
    }

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
