using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Published chunks.</summary>
internal abstract partial class SqlCatalog
{
    /// <summary>Chunks are counted from 1. A row of this number says that the rendition was gathered; it goes with the job, which is as long as anybody may publish.</summary>
    private const int GatheredMark = 0;

    private const string ChunkColumns = "rendition, number, maker, size_bytes, head_bytes, sha256, is_placeholder";

    /// <inheritdoc />
    public Task<bool> PublishChunkAsync(WorkTask task, ChunkRow chunk, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            var published = await RunAsync(
                connection, transaction,
                $"""
                INSERT INTO chunks (asset, rendition, number, maker, size_bytes, head_bytes, sha256, is_placeholder)
                SELECT asset, $rendition, $number, $maker, $size, $head, $sha256, $placeholder FROM tasks WHERE {Held}
                AND NOT EXISTS (SELECT 1 FROM chunks g WHERE g.asset = tasks.asset AND g.rendition = $rendition AND g.number = $mark){RowLock}
                ON CONFLICT DO NOTHING
                """,
                ct, ("$task", task.Id), ("$fence", task.Fence), ("$rendition", chunk.Rendition), ("$number", chunk.Number),
                ("$maker", chunk.Maker), ("$size", chunk.SizeBytes), ("$head", chunk.HeadBytes), ("$sha256", chunk.Sha256),
                ("$placeholder", chunk.IsPlaceholder), ("$mark", GatheredMark)) > 0;
            if (published)
            {
                await RunAsync(
                    connection, transaction, "UPDATE tasks SET failures = 0 WHERE id = $task AND failures > 0", ct, ("$task", task.Id));
            }

            return published;
        }, ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<ChunkRow>> ListChunksAsync(AssetId asset, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection,
            $"SELECT {ChunkColumns} FROM chunks WHERE asset = $asset AND number > $mark ORDER BY rendition, number",
            ReadChunk, ct, ("$asset", asset.Value), ("$mark", GatheredMark)), ct);

    /// <inheritdoc />
    public Task<ChunkRow?> FindChunkAsync(AssetId asset, string rendition, int number, CancellationToken ct) => ReadAsync(
        connection => ReadOneAsync(
            connection, null, $"SELECT {ChunkColumns} FROM chunks WHERE asset = $asset AND rendition = $rendition AND number = $number",
            ReadChunk, ct, ("$asset", asset.Value), ("$rendition", rendition), ("$number", number)), ct);

    /// <inheritdoc />
    public Task RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM chunks WHERE asset = $asset AND rendition = $rendition AND number > $mark", ct,
            ("$asset", asset.Value), ("$rendition", rendition), ("$mark", GatheredMark)), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<(AssetId Asset, DateTimeOffset EndedAt)>> EncodedAsync(DateTimeOffset since, DateTimeOffset until, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection,
            $"SELECT asset, finished_at FROM jobs WHERE kind = '{StateNames.Encode}' AND finished_at > $since AND finished_at <= $until ORDER BY finished_at LIMIT $limit",
            row => (ReadId(row), AssetRow.FromMicroseconds(row.GetInt64(1))), ct,
            ("$since", AssetRow.ToMicroseconds(since)), ("$until", AssetRow.ToMicroseconds(until)), ("$limit", limit)), ct);

    /// <inheritdoc />
    public Task MarkGatheredAsync(AssetId asset, string rendition, CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(
            connection, transaction,
            """
            INSERT INTO chunks (asset, rendition, number, maker, size_bytes, head_bytes, sha256, is_placeholder)
            SELECT id, $rendition, $mark, 0, 0, 0, $none, $no FROM assets WHERE id = $asset
            ON CONFLICT DO NOTHING
            """,
            ct, ("$asset", asset.Value), ("$rendition", rendition), ("$mark", GatheredMark), ("$none", Array.Empty<byte>()), ("$no", false)), ct);

    /// <inheritdoc />
    public async Task<bool> IsGatheredAsync(AssetId asset, string rendition, CancellationToken ct) =>
        await FindChunkAsync(asset, rendition, GatheredMark, ct) is not null;

    /// <inheritdoc />
    public Task RemoveChunkAsync(AssetId asset, ChunkRow chunk, CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(
            connection, transaction,
            "DELETE FROM chunks WHERE asset = $asset AND rendition = $rendition AND number = $number AND maker = $maker", ct,
            ("$asset", asset.Value), ("$rendition", chunk.Rendition), ("$number", chunk.Number), ("$maker", chunk.Maker)), ct);

    /// <summary>Nobody can publish for this job any more, or another one begins.</summary>
    private static Task<int> ForgetGatheredAsync(DbConnection connection, DbTransaction transaction, string asset, CancellationToken ct) => RunAsync(
        connection, transaction, "DELETE FROM chunks WHERE asset = $asset AND number = $mark", ct, ("$asset", asset), ("$mark", GatheredMark));

    private static ChunkRow ReadChunk(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4), row.GetFieldValue<byte[]>(5),
        row.GetBoolean(6));
}
