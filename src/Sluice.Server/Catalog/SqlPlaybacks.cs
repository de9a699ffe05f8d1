namespace Sluice.Server.Catalog;

/// <summary>How playbacks went.</summary>
internal abstract partial class SqlCatalog : IPlaybackCatalog
{
    /// <inheritdoc />
    public Task AddPlaybackAsync(PlaybackRow row, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            """
            INSERT INTO playbacks (asset, at, kind, startup_ms, watched_seconds, stalls, stalled_ms, switches, dropped_frames, error)
            VALUES ($asset, $at, $kind, $startup, $watched, $stalls, $stalled, $switches, $dropped, $error);
            DELETE FROM playbacks WHERE number <= (SELECT max(number) FROM playbacks) - $most;
            """, ct,
            ("$asset", row.Asset.Value), ("$at", AssetRow.ToMicroseconds(row.At)), ("$kind", row.Kind), ("$startup", row.StartupMs),
            ("$watched", row.WatchedSeconds), ("$stalls", row.Stalls), ("$stalled", row.StalledMs), ("$switches", row.Switches),
            ("$dropped", row.DroppedFrames), ("$error", row.Error), ("$most", IPlaybackCatalog.Most)), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<PlaybackRow>> ListPlaybacksAsync(AssetId asset, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection,
            """
            SELECT at, kind, startup_ms, watched_seconds, stalls, stalled_ms, switches, dropped_frames, error FROM playbacks
            WHERE asset = $asset ORDER BY number DESC LIMIT $limit
            """,
            row => new PlaybackRow(
                asset, AssetRow.FromMicroseconds(row.GetInt64(0)), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt32(2), row.GetInt32(3),
                row.GetInt32(4), row.GetInt32(5), row.GetInt32(6), row.GetInt32(7), row.IsDBNull(8) ? null : row.GetString(8)), ct,
            ("$asset", asset.Value), ("$limit", limit)), ct);
}
