namespace Sluice.Server.Catalog;

/// <summary>Uploads that come in pieces.</summary>
internal sealed partial class SqliteCatalog : IUploadCatalog
{
    private const string IsOpen = "asset IS NULL AND reason IS NULL";

    /// <inheritdoc />
    public Task AddUploadAsync(Upload upload, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            $"INSERT INTO uploads ({UploadRow.Columns}) VALUES ({string.Join(", ", UploadRow.Values(upload).Select(v => v.Name))})",
            ct, UploadRow.Values(upload)),
        ct);

    /// <inheritdoc />
    public async ValueTask<Upload?> FindUploadAsync(AssetId id, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadOneAsync(
            connection, null, $"SELECT {UploadRow.Columns} FROM uploads WHERE id = $id", UploadRow.Read, ct, ("$id", id.Value));
    }

    /// <inheritdoc />
    public Task SetOffsetAsync(AssetId id, long offsetBytes, DateTimeOffset expiresAt, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "UPDATE uploads SET offset_bytes = $offset, expires_at = $expires WHERE id = $id", ct,
            ("$id", id.Value), ("$offset", offsetBytes), ("$expires", AssetRow.ToMicroseconds(expiresAt))),
        ct);

    /// <inheritdoc />
    public Task EndUploadAsync(AssetId id, AssetId? asset, string? reason, DateTimeOffset expiresAt, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "UPDATE uploads SET asset = $asset, reason = $reason, expires_at = $expires WHERE id = $id", ct,
            ("$id", id.Value), ("$asset", asset?.Value), ("$reason", reason), ("$expires", AssetRow.ToMicroseconds(expiresAt))),
        ct);

    /// <inheritdoc />
    public async Task<bool> RemoveUploadAsync(AssetId id, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM uploads WHERE id = $id", ct, ("$id", id.Value)), ct) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<AssetId>> ExpiredUploadsAsync(DateTimeOffset instant, int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection, "SELECT id FROM uploads WHERE expires_at <= $instant ORDER BY expires_at LIMIT $limit",
            row => AssetId.Parse(row.GetString(0), null), ct, ("$instant", AssetRow.ToMicroseconds(instant)), ("$limit", limit));
    }

    /// <inheritdoc />
    public async Task<(int Count, long Bytes)> OpenUploadsAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        var sums = await ReadAllAsync(
            connection, $"SELECT COUNT(*), COALESCE(SUM(length_bytes), 0) FROM uploads WHERE {IsOpen}",
            row => (row.GetInt32(0), row.GetInt64(1)), ct);
        return sums[0];
    }
}
