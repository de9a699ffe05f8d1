using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>How an <see cref="Import"/> lies in a row: one place for the order of columns.</summary>
internal static class ImportRow
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "id, kind, source, shown, title, expiry_minutes, state, file_name, bytes, total_bytes, validator, reason, created_at, updated_at, finished_at";

    /// <summary>The import in the reader's current row.</summary>
    public static Import Read(DbDataReader row) => new()
    {
        Id = AssetId.Parse(row.GetString(0), null),
        Kind = StateNames.Parse<ImportKind>(row.GetString(1), StateNames.Name),
        Source = row.GetString(2),
        Shown = row.GetString(3),
        Title = row.IsDBNull(4) ? null : row.GetString(4),
        ExpiryMinutes = row.IsDBNull(5) ? null : row.GetInt32(5),
        State = StateNames.Parse<JobState>(row.GetString(6), StateNames.Name),
        FileName = row.IsDBNull(7) ? null : row.GetString(7),
        Bytes = row.GetInt64(8),
        TotalBytes = row.IsDBNull(9) ? null : row.GetInt64(9),
        Validator = row.IsDBNull(10) ? null : row.GetString(10),
        Reason = row.IsDBNull(11) ? null : row.GetString(11),
        CreatedAt = AssetRow.FromMicroseconds(row.GetInt64(12)),
        UpdatedAt = AssetRow.FromMicroseconds(row.GetInt64(13)),
        FinishedAt = row.IsDBNull(14) ? null : AssetRow.FromMicroseconds(row.GetInt64(14)),
    };

    /// <summary>Values of all columns, by parameter, in the same order.</summary>
    public static (string Name, object? Value)[] Values(Import import) =>
    [
        ("$id", import.Id.Value), ("$kind", import.Kind.Name()), ("$source", import.Source), ("$shown", import.Shown), ("$title", import.Title),
        ("$expiry_minutes", import.ExpiryMinutes), ("$state", import.State.Name()), ("$file_name", import.FileName), ("$bytes", import.Bytes),
        ("$total_bytes", import.TotalBytes), ("$validator", import.Validator), ("$reason", import.Reason),
        ("$created_at", AssetRow.ToMicroseconds(import.CreatedAt)), ("$updated_at", AssetRow.ToMicroseconds(import.UpdatedAt)),
        ("$finished_at", import.FinishedAt is { } end ? AssetRow.ToMicroseconds(end) : null),
    ];

    /// <summary>The parameters' names.</summary>
    public static string Parameters(Import import) => string.Join(", ", Values(import).Select(value => value.Name));
}
