using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Uploads that come in pieces.</summary>
internal abstract partial class SqlCatalog
{
    private const string InsertUpload = $"INSERT INTO uploads ({UploadRow.Given}) VALUES ({UploadRow.Parameters})";
    private const string SelectUploads = $"SELECT {UploadRow.Columns} FROM uploads";
    private const string IsOpen = "asset IS NULL AND reason IS NULL";
    private const string IsWhole = "offset_bytes = length_bytes AND NOT is_partial";

    /// <inheritdoc />
    public Task AddUploadAsync(Upload upload, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, InsertUpload, ct, UploadRow.Values(upload)), ct);

    /// <inheritdoc />
    public Task<bool> AddJoinedUploadAsync(Upload whole, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            foreach (var part in whole.Parts)
            {
                if (await ReadOneAsync(connection, transaction, $"{SelectUploads} WHERE id = $id AND {IsOpen}{RowLock}", UploadRow.Read, ct, ("$id", part.Value)) is null)
                {
                    return false; // Nothing was written yet.
                }
            }

            await RunAsync(connection, transaction, InsertUpload, ct, UploadRow.Values(whole));
            foreach (var part in whole.Parts)
            {
                await RunAsync(
                    connection, transaction, "UPDATE uploads SET asset = $whole, expires_at = $expires WHERE id = $id", ct,
                    ("$whole", whole.Id.Value), ("$expires", AssetRow.ToMicroseconds(whole.ExpiresAt)), ("$id", part.Value));
            }

            return true;
        },
        ct);

    /// <inheritdoc />
    public ValueTask<Upload?> FindUploadAsync(AssetId id, CancellationToken ct) => new(ReadAsync(
        connection => ReadOneAsync(connection, null, $"{SelectUploads} WHERE id = $id", UploadRow.Read, ct, ("$id", id.Value)), ct));

    /// <inheritdoc />
    public Task<Upload?> UpdateUploadAsync(AssetId id, Func<Upload, Upload?> change, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (await ReadOneAsync(connection, transaction, $"{SelectUploads} WHERE id = $id{RowLock}", UploadRow.Read, ct, ("$id", id.Value)) is not { } old)
            {
                return null;
            }

            if (change(old) is not { } changed)
            {
                return null; // Nothing was written.
            }

            var upload = changed with { Id = id, Number = old.Number };
            await RunAsync(
                connection, transaction, $"UPDATE uploads SET ({UploadRow.Given}) = ({UploadRow.Parameters}) WHERE id = $id", ct, UploadRow.Values(upload));
            return upload;
        },
        ct);

    /// <summary>Whether the upload of this id was given up; it is not before this transaction ends, if it is not now.</summary>
    private async Task<bool> IsGivenUpAsync(DbConnection connection, DbTransaction transaction, AssetId id, CancellationToken ct) => await ReadOneAsync(
        connection, transaction, $"{SelectUploads} WHERE id = $id{RowLock}", UploadRow.Read, ct, ("$id", id.Value)) is { Reason: not null };

    /// <inheritdoc />
    public async Task<bool> RemoveUploadAsync(AssetId id, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM uploads WHERE id = $id", ct, ("$id", id.Value)), ct) > 0;

    /// <inheritdoc />
    public Task<IReadOnlyList<Upload>> ExpiredUploadsAsync(DateTimeOffset instant, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, $"""
             {SelectUploads} WHERE expires_at <= $instant AND NOT ({IsOpen} AND {IsWhole})
             AND NOT EXISTS (SELECT 1 FROM uploads whole WHERE whole.id = uploads.asset AND whole.asset IS NULL AND whole.reason IS NULL)
             ORDER BY expires_at LIMIT $limit
             """,
            UploadRow.Read, ct,
            ("$instant", AssetRow.ToMicroseconds(instant)), ("$limit", limit)), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<Upload>> OpenUploadsAsync(CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(connection, $"{SelectUploads} WHERE {IsOpen} ORDER BY number", UploadRow.Read, ct), ct);

    /// <inheritdoc />
    public Task<(int Count, long Bytes)> CountOpenUploadsAsync(CancellationToken ct) => ReadAsync(
        async connection => (await ReadAllAsync(
            connection,
            $"""
             SELECT CAST(COUNT(*) AS INTEGER), CAST(COALESCE(SUM(CASE WHEN length_bytes > offset_bytes THEN length_bytes ELSE offset_bytes END), 0) AS BIGINT)
             FROM uploads WHERE {IsOpen}
             """,
            row => (row.GetInt32(0), row.GetInt64(1)), ct))[0],
        ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<Upload>> ChunkedUploadsAsync(int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, $"{SelectUploads} WHERE chunk_count > 0 ORDER BY number DESC LIMIT $limit", UploadRow.Read, ct, ("$limit", limit)), ct);
}
