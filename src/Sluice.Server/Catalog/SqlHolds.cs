namespace Sluice.Server.Catalog;

/// <summary>Who has what only one may have.</summary>
internal abstract partial class SqlCatalog : IHoldCatalog
{
    /// <inheritdoc />
    public async Task<bool> HoldAsync(string name, string owner, DateTimeOffset now, TimeSpan length, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            """
            INSERT INTO holds (name, owner, until) VALUES ($name, $owner, $until)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
            WHERE holds.owner = excluded.owner OR holds.until <= $now
            """,
            ct, ("$name", name), ("$owner", owner), ("$now", AssetRow.ToMicroseconds(now + Ahead)), ("$until", AssetRow.ToMicroseconds(now + length + Ahead))),
        ct) > 0;

    /// <inheritdoc />
    public Task LetGoAsync(string name, string owner, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM holds WHERE name = $name AND owner = $owner", ct, ("$name", name), ("$owner", owner)),
        ct);

    /// <inheritdoc />
    public Task<string?> HolderAsync(string name, DateTimeOffset now, CancellationToken ct) => ReadAsync(
        connection => ReadOneAsync(
            connection, null, "SELECT owner FROM holds WHERE name = $name AND until > $now", row => row.GetString(0), ct,
            ("$name", name), ("$now", AssetRow.ToMicroseconds(now + Ahead))),
        ct);
}
