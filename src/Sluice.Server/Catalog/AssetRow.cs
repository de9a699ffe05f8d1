using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Server.Catalog;

/// <summary>How an <see cref="Asset"/> lies in a row: one place for the order of columns, both ways.</summary>
internal static class AssetRow
{
    /// <summary>Columns in the order of <see cref="Read"/>, and behind them two that are made of the title and only looked for.</summary>
    public const string Columns =
        "id, title, file_name, state, reason, origin, size_bytes, duration_seconds, version, tracks, created_at, " +
        "updated_at, expires_at, expiry_minutes, tokens_refreshed_at, epoch, admin_key_hash, renditions, revision, extras, sha256, owner, allowed_origins, segment_secret, title_key, search_text";

    /// <summary>Parameters in the same order.</summary>
    public const string Parameters =
        "$id, $title, $file_name, $state, $reason, $origin, $size_bytes, $duration_seconds, $version, $tracks, " +
        "$created_at, $updated_at, $expires_at, $expiry_minutes, $tokens_refreshed_at, $epoch, $admin_key_hash, $renditions, $revision, $extras, $sha256, $owner, $allowed_origins, $segment_secret, $title_key, $search_text";

    /// <summary>The asset in the reader's current row.</summary>
    public static Asset Read(DbDataReader row) => new()
    {
        Id = AssetId.Parse(row.GetString(0), null),
        Title = row.GetString(1),
        FileName = row.GetString(2),
        State = StateNames.Parse<AssetState>(row.GetString(3), StateNames.Name),
        Reason = row.IsDBNull(4) ? null : row.GetString(4),
        Origin = row.GetString(5),
        SizeBytes = row.GetInt64(6),
        DurationSeconds = row.GetDouble(7),
        Version = row.GetString(8),
        Tracks = JsonSerializer.Deserialize(row.GetString(9), CatalogJson.Default.TrackVerdictArray) ?? [],
        CreatedAt = FromMicroseconds(row.GetInt64(10)),
        UpdatedAt = FromMicroseconds(row.GetInt64(11)),
        ExpiresAt = row.IsDBNull(12) ? null : FromMicroseconds(row.GetInt64(12)),
        ExpiryMinutes = row.IsDBNull(13) ? null : row.GetInt32(13),
        TokensRefreshedAt = row.IsDBNull(14) ? null : FromMicroseconds(row.GetInt64(14)),
        Epoch = row.GetInt32(15),
        AdminKeyHash = row.GetFieldValue<byte[]>(16),
        Renditions = JsonSerializer.Deserialize(row.GetString(17), CatalogJson.Default.RenditionArray) is { Length: > 0 } set ? set : [],
        Revision = row.GetInt32(18),
        Extras = row.IsDBNull(19) ? AssetExtras.None : JsonSerializer.Deserialize(row.GetString(19), CatalogJson.Default.AssetExtras) ?? AssetExtras.None,
        Sha256 = row.IsDBNull(20) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(20)),
        Owner = row.IsDBNull(21) ? null : row.GetString(21),
        AllowedOrigins = row.IsDBNull(22) ? null : OriginsOf(row.GetString(22)),
        Secret = row.IsDBNull(23) ? null : new SegmentSecret(row.GetFieldValue<byte[]>(23)),
    };

    /// <summary>Values of <see cref="Parameters"/>.</summary>
    public static (string Name, object? Value)[] Values(Asset asset) =>
    [
        ("$id", asset.Id.Value),
        ("$title", asset.Title),
        ("$file_name", asset.FileName),
        ("$state", asset.State.Name()),
        ("$reason", asset.Reason),
        ("$origin", asset.Origin),
        ("$size_bytes", asset.SizeBytes),
        ("$duration_seconds", asset.DurationSeconds),
        ("$version", asset.Version),
        ("$tracks", JsonSerializer.Serialize([.. asset.Tracks], CatalogJson.Default.TrackVerdictArray)),
        ("$created_at", ToMicroseconds(asset.CreatedAt)),
        ("$updated_at", ToMicroseconds(asset.UpdatedAt)),
        ("$expires_at", asset.ExpiresAt is { } e ? ToMicroseconds(e) : null),
        ("$expiry_minutes", asset.ExpiryMinutes),
        ("$tokens_refreshed_at", asset.TokensRefreshedAt is { } r ? ToMicroseconds(r) : null),
        ("$epoch", asset.Epoch),
        ("$admin_key_hash", asset.AdminKeyHash),
        ("$renditions", JsonSerializer.Serialize(asset.HasOwnRenditions ? [.. asset.Renditions] : [], CatalogJson.Default.RenditionArray)),
        ("$revision", asset.Revision),
        ("$extras", asset.Extras == AssetExtras.None ? null : JsonSerializer.Serialize(asset.Extras, CatalogJson.Default.AssetExtras)),
        ("$sha256", asset.Sha256 is { } hash ? Convert.FromHexString(hash) : null),
        ("$owner", asset.Owner),
        ("$allowed_origins", asset.AllowedOrigins is { } origins ? string.Join(' ', origins.Entries) : null),
        ("$segment_secret", asset.Secret?.Bytes),
        ("$title_key", LibraryKey.OfTitle(asset.Title)),
        ("$search_text", LibraryKey.OfText(asset.Title, asset.FileName)),
    ];

    /// <summary>Microseconds since 1970, UTC, rounded down.</summary>
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The way back.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Origins have no spaces. A row that cannot be read lets nobody in.</summary>
    private static OriginList? OriginsOf(string text) =>
        OriginList.TryParse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var list) ? list : OriginList.None;
}

/// <summary>JSON of the columns that hold more than a value.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrackVerdict[]))]
[JsonSerializable(typeof(Rendition[]))]
[JsonSerializable(typeof(AssetExtras))]
internal sealed partial class CatalogJson : JsonSerializerContext;
