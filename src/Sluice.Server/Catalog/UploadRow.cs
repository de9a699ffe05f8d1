using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>How an <see cref="Upload"/> lies in a row: one place for the order of columns.</summary>
internal static class UploadRow
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns = "number, " + Given;

    /// <summary>Columns that an upload brings along.</summary>
    public const string Given =
        "id, length_bytes, offset_bytes, chunk_count, is_partial, parts, metadata, owner_hash, created_at, updated_at, expires_at, asset, reason, pieces";

    /// <summary>Parameters in the order of <see cref="Given"/>.</summary>
    public const string Parameters =
        "$id, $length_bytes, $offset_bytes, $chunk_count, $is_partial, $parts, $metadata, $owner_hash, $created_at, $updated_at, $expires_at, $asset, $reason, "
        + "$pieces";

    /// <summary>The upload in the reader's current row.</summary>
    public static Upload Read(DbDataReader row) => new()
    {
        Number = row.GetInt64(0),
        Id = AssetId.Parse(row.GetString(1), null),
        LengthBytes = row.GetInt64(2),
        OffsetBytes = row.GetInt64(3),
        ChunkCount = row.GetInt32(4),
        IsPartial = row.GetBoolean(5),
        Parts = [.. row.GetString(6).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => AssetId.Parse(id, null))],
        Metadata = row.GetString(7),
        OwnerHash = row.IsDBNull(8) ? null : row.GetFieldValue<byte[]>(8),
        CreatedAt = AssetRow.FromMicroseconds(row.GetInt64(9)),
        UpdatedAt = AssetRow.FromMicroseconds(row.GetInt64(10)),
        ExpiresAt = AssetRow.FromMicroseconds(row.GetInt64(11)),
        Asset = row.IsDBNull(12) ? null : AssetId.Parse(row.GetString(12), null),
        Reason = row.IsDBNull(13) ? null : row.GetString(13),
        Pieces = UploadPiece.Read(row.GetString(14)),
    };

    /// <summary>Values of <see cref="Parameters"/>.</summary>
    public static (string Name, object? Value)[] Values(Upload upload) =>
    [
        ("$id", upload.Id.Value), ("$length_bytes", upload.LengthBytes), ("$offset_bytes", upload.OffsetBytes), ("$chunk_count", upload.ChunkCount),
        ("$is_partial", upload.IsPartial), ("$parts", string.Join(',', upload.Parts)), ("$metadata", upload.Metadata), ("$owner_hash", upload.OwnerHash),
        ("$created_at", AssetRow.ToMicroseconds(upload.CreatedAt)), ("$updated_at", AssetRow.ToMicroseconds(upload.UpdatedAt)),
        ("$expires_at", AssetRow.ToMicroseconds(upload.ExpiresAt)), ("$asset", upload.Asset?.Value), ("$reason", upload.Reason),
        ("$pieces", UploadPiece.Write(upload.Pieces)),
    ];
}
