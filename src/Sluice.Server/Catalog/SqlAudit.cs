namespace Sluice.Server.Catalog;

/// <summary>What was done with keys and links.</summary>
internal abstract partial class SqlCatalog : IAuditCatalog
{
    /// <inheritdoc />
    public Task AddAuditAsync(AuditRow row, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(
            connection, transaction,
            """
            INSERT INTO audit (at, action, subject, actor, client) VALUES ($at, $action, $subject, $actor, $client);
            DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - $most;
            """, ct,
            ("$at", AssetRow.ToMicroseconds(row.At)), ("$action", row.Action), ("$subject", row.Subject), ("$actor", row.Actor),
            ("$client", row.Client), ("$most", IAuditCatalog.Most)), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<AuditRow>> ListAuditAsync(long? before, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection,
            "SELECT number, at, action, subject, actor, client FROM audit WHERE number < $before ORDER BY number DESC LIMIT $limit",
            row => new AuditRow(
                row.GetInt64(0), AssetRow.FromMicroseconds(row.GetInt64(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
                row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5)), ct,
            ("$before", before ?? long.MaxValue), ("$limit", limit)), ct);
}
