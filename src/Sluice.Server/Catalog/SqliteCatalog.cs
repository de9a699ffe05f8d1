using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sluice.Server.Catalog;

/// <summary>
/// The catalog in one SQLite file, in WAL mode: readers never wait for the writer, and a committed row survives the
/// death of the process. After a power cut the rows since the last <see cref="FlushAsync"/> may be gone (<c>synchronous = NORMAL</c>), never the file.
/// </summary>
internal sealed partial class SqliteCatalog : ICatalog, IDisposable
{
    private const int SqliteFull = 13;
    private const int NoSpaceLeft = 28; // ENOSPC, as the file system itself says it

    private readonly string _connectionString;
    private readonly string _log;

    // One writer at a time in this process: waiting here is fair and cheap, waiting inside SQLite is a sleep loop.
    private readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteCatalog(string path)
    {
        SqliteNative.EnsureBound();
        _log = path + "-wal";
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
    }

    /// <inheritdoc />
    public async Task MigrateAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", ct);
        SqliteMigrations.Run(connection);
    }

    /// <inheritdoc />
    /// <remarks>What is not in the log any more was flushed when it was moved to the file (sqlite.org/wal.html section 2.2).</remarks>
    public Task FlushAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (File.Exists(_log))
        {
            using var log = File.OpenHandle(_log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(log);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task AddAsync(Asset asset, IReadOnlyList<NewJob> jobs, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"INSERT INTO assets ({AssetRow.Columns}) VALUES ({AssetRow.Parameters})";
            AssetRow.Bind(command, asset);
            await command.ExecuteNonQueryAsync(ct);
            return await InsertJobsAsync(connection, transaction, asset.Id, jobs, asset.CreatedAt, ct);
        }, ct);

    /// <inheritdoc />
    public Task<Asset?> PublishAsync(AssetId id, Func<Asset?, Asset?> make, IReadOnlyList<NewJob> jobs, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            if (make(await FindAsync(connection, transaction, id, ct)) is not { } made)
            {
                return null;
            }

            var asset = made with { Id = id };
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"INSERT OR REPLACE INTO assets ({AssetRow.Columns}) VALUES ({AssetRow.Parameters})";
            AssetRow.Bind(command, asset);
            await command.ExecuteNonQueryAsync(ct);
            await InsertJobsAsync(connection, transaction, id, jobs, asset.UpdatedAt, ct);
            return asset;
        }, ct);

    /// <inheritdoc />
    public async ValueTask<Asset?> FindAsync(AssetId id, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await FindAsync(connection, null, id, ct);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<AssetId>> OwnedAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(connection, "SELECT id FROM assets WHERE owner IS NOT NULL", row => AssetId.Parse(row.GetString(0), null), ct);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<AssetId>> FindByContentAsync(string sha256, long sizeBytes, int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await ReadAllAsync(
            connection, "SELECT id FROM assets WHERE sha256 = $sha256 AND size_bytes = $size ORDER BY created_at, id LIMIT $limit",
            row => AssetId.Parse(row.GetString(0), null), ct,
            ("$sha256", Convert.FromHexString(sha256)), ("$size", sizeBytes), ("$limit", limit));
    }

    /// <inheritdoc />
    public Task<Asset?> UpdateAsync(AssetId id, Func<Asset, Asset> change, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            if (await FindAsync(connection, transaction, id, ct) is not { } old)
            {
                return null;
            }

            var asset = change(old);
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText =
                $"UPDATE assets SET ({AssetRow.Columns}) = ({AssetRow.Parameters}) WHERE id = $id";
            AssetRow.Bind(command, asset with { Id = id });
            await command.ExecuteNonQueryAsync(ct);
            return asset;
        }, ct);

    /// <inheritdoc />
    public Task<bool> RemoveAsync(AssetId id, CancellationToken ct) => WriteAsync(async (connection, transaction) =>
    {
        await RemoveWorkAsync(connection, transaction, id, ct);
        await RunAsync(connection, transaction, "DELETE FROM playbacks WHERE asset = $id", ct, ("$id", id.Value));
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "DELETE FROM assets WHERE id = $id";
        command.Parameters.AddWithValue("$id", id.Value);
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }, ct);

    /// <inheritdoc />
    public async Task<IReadOnlyList<AssetId>> ExpiredAsync(DateTimeOffset instant, int limit, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM assets WHERE expires_at <= $instant ORDER BY expires_at LIMIT $limit";
        command.Parameters.AddWithValue("$instant", AssetRow.ToMicroseconds(instant));
        command.Parameters.AddWithValue("$limit", limit);
        var found = new List<AssetId>();
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            found.Add(AssetId.Parse(row.GetString(0), null));
        }

        return found;
    }

    /// <inheritdoc />
    public async Task<string?> GetSettingAsync(string key, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM settings WHERE key = $key";
        command.Parameters.AddWithValue("$key", key);
        return await command.ExecuteScalarAsync(ct) as string;
    }

    /// <inheritdoc />
    public Task SetSettingAsync(string key, string value, CancellationToken ct) =>
        WriteAsync(async (connection, transaction) =>
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText =
                "INSERT INTO settings (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = $value";
            command.Parameters.AddWithValue("$key", key);
            command.Parameters.AddWithValue("$value", value);
            return await command.ExecuteNonQueryAsync(ct);
        }, ct);

    /// <summary>Closes the pooled connections, which also folds the WAL back into the file.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    private static async Task<Asset?> FindAsync(
        SqliteConnection connection, SqliteTransaction? transaction, AssetId id, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT {AssetRow.Columns} FROM assets WHERE id = $id";
        command.Parameters.AddWithValue("$id", id.Value);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? AssetRow.Read(row) : null;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only our own constants come here.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<SqliteConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL", ct);
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> in one immediate transaction, alone in this process.</summary>
    private async Task<T> WriteAsync<T>(
        Func<SqliteConnection, SqliteTransaction, Task<T>> work, CancellationToken ct)
    {
        await _writer.WaitAsync(ct);
        try
        {
            await using var connection = await OpenAsync(ct);
            await using var transaction = connection.BeginTransaction(deferred: false);
            try
            {
                var result = await work(connection, transaction);
                await transaction.CommitAsync(ct);
                return result;
            }
            catch (SqliteException) when (raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                // SQLite ended the transaction itself, as it does when the disk is full (sqlite.org/lang_transaction.html, section 3).
                // The driver does not know, and would fail at ending it once more: that error would hide this one.
                await ExecuteAsync(connection, "BEGIN", CancellationToken.None);
                throw;
            }
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteFull)
        {
            throw new IOException("No space left on device for the catalog.", NoSpaceLeft);
        }
        finally
        {
            _writer.Release();
        }
    }
}
