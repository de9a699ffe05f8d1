using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sluice.Server.Catalog;

/// <summary>
/// The catalog in one SQLite file, in WAL mode: readers never wait for the writer, and a committed row survives the
/// death of the process. After a power cut the rows since the last <see cref="FlushAsync"/> may be gone (<c>synchronous = NORMAL</c>), never the file.
/// </summary>
internal sealed class SqliteCatalog : SqlCatalog, IDisposable
{
    private const int SqliteFull = 13;
    private const int NoSpaceLeft = 28; // ENOSPC, as the file system itself says it

    private readonly string _connectionString;
    private readonly string _log;
    private readonly SqliteCheckpoints _checkpoints;

    // One writer at a time in this process: waiting here is fair and cheap, waiting inside SQLite is a sleep loop.
    private readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteCatalog(string path)
    {
        SqliteNative.EnsureBound();
        _log = path + "-wal";
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        _checkpoints = new SqliteCheckpoints(_connectionString);
    }

    /// <remarks>There is one writer in all: nothing needs a lock of its own.</remarks>
    private protected override string RowLock => "";

    private protected override string FreeRowLock => "";

    private protected override string Position => "instr";

    private protected override TimeSpan Ahead => TimeSpan.Zero;

    private protected override string NextFence => "(SELECT COALESCE(MAX(fence), 0) + 1 FROM tasks)";

    /// <inheritdoc />
    public override async Task MigrateAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", ct);
        SqliteMigrations.Run(connection);
    }

    /// <inheritdoc />
    /// <remarks>What is not in the log any more was flushed when it was moved to the file (sqlite.org/wal.html section 2.2).</remarks>
    public override Task FlushAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (File.Exists(_log))
        {
            using var log = File.OpenHandle(_log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(log);
        }

        return Task.CompletedTask;
    }

    /// <summary>Closes the pooled connections, which also folds the WAL back into the file.</summary>
    public void Dispose()
    {
        _checkpoints.Dispose();
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    private protected override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        return await read(connection);
    }

    /// <summary>One immediate transaction, alone in this process, whatever its name.</summary>
    private protected override async Task<T> WriteAsync<T>(string? alone, Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken ct)
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
                _checkpoints.Committed();
                return result;
            }
            catch (SqliteException) when (raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                // SQLite ended the transaction itself, as it does when the disk is full (sqlite.org/lang_transaction.html, section 3).
                // The driver does not know, and would fail at ending it once more: that error would hide this one.
                await RunAsync(connection, transaction, "BEGIN", CancellationToken.None);
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

    private static Task ExecuteAsync(SqliteConnection connection, string sql, CancellationToken ct) => RunAsync(connection, null, sql, ct);

    private async Task<SqliteConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, "PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL; " + SqliteCheckpoints.OfWriters, ct);
        return connection;
    }
}
