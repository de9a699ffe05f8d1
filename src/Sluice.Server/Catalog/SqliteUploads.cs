namespace Sluice.Server.Catalog;

/// <summary>Uploads that come in pieces.</summary>
internal sealed partial class SqliteCatalog
{
    private const string InsertUpload = $"INSERT INTO uploads ({UploadRow.Given}) VALUES ({UploadRow.Parameters})";
    private const string SelectUploads = $"SELECT {UploadRow.Columns} FROM uploads";
    private const string IsOpen = "asset IS NULL AND reason IS NULL";
    private const string IsWhole = "offset_bytes = length_bytes AND is_partial = 0";

    /// <inheritdoc />
    public Task AddUploadAsync(Upload upload, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, InsertUpload, ct, UploadRow.Values(upload)), ct);

    /// <inheritdoc />
    public Task<bool> AddJoinedUploadAsync(Upload whole, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            foreach (var part in whole.Parts)
            {
                if (await ReadOneAsync(connection, transaction, $"{SelectUploads} WHERE id = $id AND {IsOpen}", UploadRow.Read, ct, ("$id", part.Value)) is null)
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
    public async ValueTask<Upload?> FindUploadAsync(AssetId id, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadOneAsync(connection, null, $"{SelectUploads} WHERE id = $id", UploadRow.Read, ct, ("$id", id.Value));
    }

    /// <inheritdoc />
    public Task<Upload?> UpdateUploadAsync(AssetId id, Func<Upload, Upload> change, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            if (await ReadOneAsync(connection, transaction, $"{SelectUploads} WHERE id = $id", UploadRow.Read, ct, ("$id", id.Value)) is not { } old)
            {
                return null;
            }

            var upload = change(old) with { Id = id, Number = old.Number };
            await RunAsync(
                connection, transaction, $"UPDATE uploads SET ({UploadRow.Given}) = ({UploadRow.Parameters}) WHERE id = $id", ct, UploadRow.Values(upload));
            return upload;
        },
        ct);

    /// <inheritdoc />
    public async Task<bool> RemoveUploadAsync(AssetId id, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM uploads WHERE id = $id", ct, ("$id", id.Value)), ct) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<Upload>> ExpiredUploadsAsync(DateTimeOffset instant, int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection, $"{SelectUploads} WHERE expires_at <= $instant AND NOT ({IsOpen} AND {IsWhole}) ORDER BY expires_at LIMIT $limit", UploadRow.Read, ct,
            ("$instant", AssetRow.ToMicroseconds(instant)), ("$limit", limit));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Upload>> OpenUploadsAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(connection, $"{SelectUploads} WHERE {IsOpen} ORDER BY number", UploadRow.Read, ct);
    }

    /// <inheritdoc />
    public async Task<(int Count, long Bytes)> CountOpenUploadsAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        var sums = await ReadAllAsync(
            connection, $"SELECT COUNT(*), COALESCE(SUM(MAX(length_bytes, offset_bytes)), 0) FROM uploads WHERE {IsOpen}",
            row => (row.GetInt32(0), row.GetInt64(1)), ct);
        return sums[0];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Upload>> ChunkedUploadsAsync(int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection, $"{SelectUploads} WHERE chunk_count > 0 ORDER BY number DESC LIMIT $limit", UploadRow.Read, ct, ("$limit", limit));
    }
}
