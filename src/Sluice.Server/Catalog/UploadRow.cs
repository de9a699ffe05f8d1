using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>How an <see cref="Upload"/> lies in a SQLite row: one place for the order of columns.</summary>
internal static class UploadRow
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns = "id, length_bytes, offset_bytes, is_partial, parts, metadata, owner_hash, created_at, expires_at, asset, reason";

    /// <summary>The upload in the reader's current row.</summary>
    public static Upload Read(SqliteDataReader row) => new()
    {
        Id = AssetId.Parse(row.GetString(0), null),
        LengthBytes = row.GetInt64(1),
        OffsetBytes = row.GetInt64(2),
        IsPartial = row.GetBoolean(3),
        Parts = [.. row.GetString(4).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => AssetId.Parse(id, null))],
        Metadata = row.GetString(5),
        OwnerHash = row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
        CreatedAt = AssetRow.FromMicroseconds(row.GetInt64(7)),
        ExpiresAt = AssetRow.FromMicroseconds(row.GetInt64(8)),
        Asset = row.IsDBNull(9) ? null : AssetId.Parse(row.GetString(9), null),
        Reason = row.IsDBNull(10) ? null : row.GetString(10),
    };

    /// <summary>Values of all columns, by parameter.</summary>
    public static (string Name, object? Value)[] Values(Upload upload) =>
    [
        ("$id", upload.Id.Value), ("$length_bytes", upload.LengthBytes), ("$offset_bytes", upload.OffsetBytes), ("$is_partial", upload.IsPartial),
        ("$parts", string.Join(',', upload.Parts)), ("$metadata", upload.Metadata), ("$owner_hash", upload.OwnerHash),
        ("$created_at", AssetRow.ToMicroseconds(upload.CreatedAt)), ("$expires_at", AssetRow.ToMicroseconds(upload.ExpiresAt)),
        ("$asset", upload.Asset?.Value), ("$reason", upload.Reason),
    ];
}
