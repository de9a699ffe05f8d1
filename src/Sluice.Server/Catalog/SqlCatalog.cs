using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>
/// The catalog in a relational database. What SQLite and PostgreSQL say alike is said here once, table by table; a subclass brings connections,
/// transactions, the schema, and the few words that differ (<see cref="RowLock"/> and what follows it).
/// </summary>
internal abstract partial class SqlCatalog : ICatalog
{
    /// <summary>Behind a query of a transaction: nobody else changes these rows before it ends.</summary>
    private protected abstract string RowLock { get; }

    /// <summary>The same, leaving out rows that somebody else has locked.</summary>
    private protected abstract string FreeRowLock { get; }

    /// <summary>The function that says where in a text another one begins, from 1 on; 0 when it is nowhere.</summary>
    private protected abstract string Position { get; }

    /// <summary>A number greater than every fence before it.</summary>
    private protected abstract string NextFence { get; }

    /// <inheritdoc />
    public abstract Task MigrateAsync(CancellationToken ct);

    /// <inheritdoc />
    public abstract Task FlushAsync(CancellationToken ct);

    /// <inheritdoc />
    public Task AddAsync(Asset asset, IReadOnlyList<NewJob> jobs, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            await RunAsync(
                connection, transaction, $"INSERT INTO assets ({AssetRow.Columns}) VALUES ({AssetRow.Parameters})", ct, AssetRow.Values(asset));
            return await InsertJobsAsync(connection, transaction, asset.Id, jobs, asset.CreatedAt, ct);
        }, ct);

    /// <inheritdoc />
    public Task<Asset?> PublishAsync(AssetId id, Func<Asset?, Asset?> make, IReadOnlyList<NewJob> jobs, CancellationToken ct, Fence? fence = null) =>
        WriteAsync(OfAsset(id), async (connection, transaction) =>
        {
            if ((fence is not null && !await StandsAsync(connection, transaction, fence, ct)) || await IsGivenUpAsync(connection, transaction, id, ct))
            {
                return null;
            }

            if (make(await FindAsync(connection, transaction, id, ct)) is not { } made)
            {
                return null;
            }

            var asset = made with { Id = id };
            await RunAsync(connection, transaction, Upsert("assets", AssetRow.Columns, AssetRow.Parameters, "id"), ct, AssetRow.Values(asset));
            await InsertJobsAsync(connection, transaction, id, jobs, asset.UpdatedAt, ct);
            return asset;
        }, ct);

    /// <inheritdoc />
    public ValueTask<Asset?> FindAsync(AssetId id, CancellationToken ct) =>
        new(ReadAsync(connection => FindAsync(connection, null, id, ct), ct));

    /// <inheritdoc />
    public Task<IReadOnlyList<AssetId>> OwnedAsync(CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(connection, "SELECT id FROM assets WHERE owner IS NOT NULL", ReadId, ct), ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<AssetId>> FindByContentAsync(string sha256, long sizeBytes, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, "SELECT id FROM assets WHERE sha256 = $sha256 AND size_bytes = $size ORDER BY created_at, id LIMIT $limit", ReadId, ct,
            ("$sha256", Convert.FromHexString(sha256)), ("$size", sizeBytes), ("$limit", limit)),
        ct);

    /// <inheritdoc />
    public Task<Asset?> UpdateAsync(AssetId id, Func<Asset, Asset> change, CancellationToken ct) =>
        WriteAsync(OfAsset(id), async (connection, transaction) =>
        {
            if (await FindAsync(connection, transaction, id, ct) is not { } old)
            {
                return null;
            }

            var asset = change(old);
            await RunAsync(
                connection, transaction, $"UPDATE assets SET ({AssetRow.Columns}) = ({AssetRow.Parameters}) WHERE id = $id", ct,
                AssetRow.Values(asset with { Id = id }));
            return asset;
        }, ct);

    /// <inheritdoc />
    public Task<bool> RemoveAsync(AssetId id, CancellationToken ct) => WriteAsync(OfAsset(id), async (connection, transaction) =>
    {
        await RemoveWorkAsync(connection, transaction, id, ct);
        await RunAsync(connection, transaction, "DELETE FROM playbacks WHERE asset = $id", ct, ("$id", id.Value));
        return await RunAsync(connection, transaction, "DELETE FROM assets WHERE id = $id", ct, ("$id", id.Value)) > 0;
    }, ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<AssetId>> ExpiredAsync(DateTimeOffset instant, int limit, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, "SELECT id FROM assets WHERE expires_at <= $instant ORDER BY expires_at LIMIT $limit", ReadId, ct,
            ("$instant", AssetRow.ToMicroseconds(instant)), ("$limit", limit)),
        ct);

    /// <inheritdoc />
    public Task<string?> GetSettingAsync(string key, CancellationToken ct) => ReadAsync(
        connection => SettingAsync(connection, null, key, ct), ct);

    /// <inheritdoc />
    public Task<string> EnsureSettingAsync(string key, string value, CancellationToken ct) => WriteAsync(
        async (connection, transaction) =>
        {
            await RunAsync(
                connection, transaction, "INSERT INTO settings (key, value) VALUES ($key, $value) ON CONFLICT DO NOTHING", ct, ("$key", key), ("$value", value));
            return (await SettingAsync(connection, transaction, key, ct))!;
        },
        ct);

    /// <inheritdoc />
    public Task SetSettingAsync(string key, string value, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, Upsert("settings", "key, value", "$key, $value", "key"), ct, ("$key", key), ("$value", value)),
        ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<KeyValuePair<string, string>>> ListSettingsAsync(string prefix, CancellationToken ct) => ReadAsync(
        connection => ReadAllAsync(
            connection, "SELECT key, value FROM settings WHERE key >= $from AND key < $to ORDER BY key",
            row => KeyValuePair.Create(row.GetString(0), row.GetString(1)), ct, ("$from", prefix), ("$to", prefix[..^1] + (char)(prefix[^1] + 1))),
        ct);

    /// <inheritdoc />
    public Task RemoveSettingAsync(string key, CancellationToken ct) => WriteAsync(
        (connection, transaction) => RunAsync(connection, transaction, "DELETE FROM settings WHERE key = $key", ct, ("$key", key)), ct);

    /// <summary>Reads on a connection, which <paramref name="read"/> may be given more than once.</summary>
    private protected abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct);

    /// <summary>Runs <paramref name="work"/> in one transaction: all of it or none. It may be run again when the first time came to nothing.</summary>
    /// <param name="alone">No other transaction of that name runs meanwhile; null when it does not matter.</param>
    /// <param name="work">What is done. A row that it reads and writes again is read with <see cref="RowLock"/>, or under a name.</param>
    /// <param name="ct">Cancels it.</param>
    private protected abstract Task<T> WriteAsync<T>(string? alone, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken ct);

    private protected Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken ct) => WriteAsync(null, work, ct);

    /// <summary>How far the clock that decides about leases is ahead of the one that callers have.</summary>
    private protected abstract TimeSpan Ahead { get; }

    private static string OfAsset(AssetId id) => "asset " + id.Value;

    private static string OfJob(string id) => "job " + id;

    private static Task<string?> SettingAsync(DbConnection connection, DbTransaction? transaction, string key, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, "SELECT value FROM settings WHERE key = $key", row => row.GetString(0), ct, ("$key", key));

    private static AssetId ReadId(DbDataReader row) => AssetId.Parse(row.GetString(0), null);

    private static Task<Asset?> FindAsync(DbConnection connection, DbTransaction? transaction, AssetId id, CancellationToken ct) =>
        ReadOneAsync(connection, transaction, $"SELECT {AssetRow.Columns} FROM assets WHERE id = $id", AssetRow.Read, ct, ("$id", id.Value));
}
