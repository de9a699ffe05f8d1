namespace Sluice.Server.Catalog;

/// <summary>Sessions that several servers know of.</summary>
internal abstract partial class SqlCatalog : ISessionCatalog
{
    /// <inheritdoc />
    public Task<bool> AddSessionAsync(SessionRow row, DateTimeOffset now, CancellationToken ct) => WriteAsync(async (connection, transaction) =>
    {
        if (row.Source is not null)
        {
            await RunAsync(
                connection, transaction, "UPDATE sessions SET source = NULL WHERE source = $source AND (owner = $owner OR expires_at <= $now)", ct,
                ("$source", row.Source), ("$owner", row.Owner), ("$now", AssetRow.ToMicroseconds(now)));
        }

        return await RunAsync(
            connection, transaction, $"INSERT INTO sessions ({SessionRow.Columns}) VALUES ({SessionRow.Parameters}) ON CONFLICT DO NOTHING", ct, row.Values()) > 0;
    }, ct);

    /// <inheritdoc />
    public async Task<bool> UpdateSessionAsync(SessionRow row, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            "UPDATE sessions SET state = $state, shown = $shown, plays = $plays, expires_at = $expires_at WHERE id = $id AND owner = $owner",
            ct, ("$id", row.Id.Value), ("$owner", row.Owner), ("$state", row.State), ("$shown", row.Shown), ("$plays", row.Plays),
            ("$expires_at", AssetRow.ToMicroseconds(row.ExpiresAt))),
        ct) > 0;

    /// <inheritdoc />
    public async Task<bool> OwnSessionAsync(AssetId id, string owner, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "UPDATE sessions SET owner = $owner WHERE id = $id", ct, ("$id", id.Value), ("$owner", owner)), ct) > 0;

    /// <inheritdoc />
    public async Task<bool> RemoveSessionAsync(AssetId id, string owner, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM sessions WHERE id = $id AND owner = $owner", ct, ("$id", id.Value), ("$owner", owner)), ct) > 0;

    /// <inheritdoc />
    public Task ClearSessionsAsync(CancellationToken ct) =>
        WriteAsync((connection, transaction) => RunAsync(connection, transaction, "DELETE FROM sessions", ct), ct);

    /// <inheritdoc />
    public Task<SessionRow?> FindSessionAsync(AssetId id, CancellationToken ct) => SessionAsync("id", id.Value, ct);

    /// <inheritdoc />
    public Task<SessionRow?> FindSessionOfAsync(string plays, CancellationToken ct) => SessionAsync("plays", plays, ct);

    /// <inheritdoc />
    public Task<SessionRow?> FindSessionBySourceAsync(string source, CancellationToken ct) => SessionAsync("source", source, ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(connection, $"SELECT {SessionRow.Columns} FROM sessions ORDER BY created_at DESC, id", SessionRow.Read, ct), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<AssetId>> OwnedAsync(string owner, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(connection, "SELECT id FROM assets WHERE owner IS NOT NULL AND owner = $owner", ReadId, ct, ("$owner", owner)), ct);

    private Task<SessionRow?> SessionAsync(string column, string value, CancellationToken ct) => ReadAsync(
        connection => ReadOneAsync(
            connection, null, $"SELECT {SessionRow.Columns} FROM sessions WHERE {column} = $value", SessionRow.Read, ct, ("$value", value)),
        ct);
}
