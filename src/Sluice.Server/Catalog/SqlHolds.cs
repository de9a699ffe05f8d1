using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>Who has what only one may have.</summary>
internal abstract partial class SqlCatalog : IHoldCatalog
{
    /// <inheritdoc />
    public async Task<bool> HoldAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            """
            INSERT INTO holds (name, owner, address, until) VALUES ($name, $owner, $address, $until)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, address = excluded.address, until = excluded.until
            WHERE holds.owner = excluded.owner OR holds.until <= $now
            """,
            ct, ("$name", name), ("$owner", holder.Name), ("$address", holder.Address?.AbsoluteUri), ("$now", AssetRow.ToMicroseconds(now + Ahead)),
            ("$until", AssetRow.ToMicroseconds(now + length + Ahead))),
        ct) > 0;

    /// <inheritdoc />
    public async Task<bool> KeepAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct) => await WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "UPDATE holds SET address = $address, until = $until WHERE name = $name AND owner = $owner", ct,
            ("$name", name), ("$owner", holder.Name), ("$address", holder.Address?.AbsoluteUri),
            ("$until", AssetRow.ToMicroseconds(now + length + Ahead))),
        ct) > 0;

    /// <inheritdoc />
    public Task LetGoAsync(string name, string owner, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM holds WHERE name = $name AND owner = $owner", ct, ("$name", name), ("$owner", owner)),
        ct);

    /// <inheritdoc />
    public Task LetAllGoAsync(string prefix, string owner, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM holds WHERE name >= $from AND name < $to AND owner = $owner", ct,
            ("$from", prefix), ("$to", After(prefix)), ("$owner", owner)),
        ct);

    /// <inheritdoc />
    public Task ForgetAsync(string prefix, DateTimeOffset now, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction, "DELETE FROM holds WHERE name >= $from AND name < $to AND until <= $now", ct,
            ("$from", prefix), ("$to", After(prefix)), ("$now", AssetRow.ToMicroseconds(now + Ahead))),
        ct);

    private static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    /// <summary>Whether nobody else has taken it, nor does before this transaction ends.</summary>
    private async Task<bool> StandsAsync(DbConnection connection, DbTransaction transaction, Fence fence, CancellationToken ct) => await ReadOneAsync(
        connection, transaction, $"SELECT owner FROM holds WHERE name = $name AND owner = $owner{RowLock}", row => row.GetString(0), ct,
        ("$name", fence.Name), ("$owner", fence.Owner)) is not null;

    /// <inheritdoc />
    public Task<Holder?> HolderAsync(string name, DateTimeOffset now, CancellationToken ct) => ReadAsync(
        connection => ReadOneAsync(
            connection, null, "SELECT owner, address FROM holds WHERE name = $name AND until > $now",
            row => new Holder(row.GetString(0), row.IsDBNull(1) ? null : new Uri(row.GetString(1))), ct,
            ("$name", name), ("$now", AssetRow.ToMicroseconds(now + Ahead))),
        ct);
}
