using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;

namespace Sluice.Server.Catalog.Move;

/// <summary>
/// Moves the catalog of one machine to a database.
/// <code>
/// 1 begin   the database is empty, or has what an earlier try of the same installation left; nobody serves from it from here on
/// 2 copy    table by table, some thousand rows at a time; what is there already stays
/// 3 check   as many rows and the same sum over them on both sides, or the table is copied anew, once
/// 4 end     the counters go on where they were; it may be served from
/// </code>
/// The file is read and nothing else. Whoever calls makes sure that no server works with it.
/// </summary>
internal sealed class CatalogMove(string file, PostgresCatalog target)
{
    /// <summary>Steps 1 to 3.</summary>
    /// <param name="told">Told of each table: its name and rows.</param>
    /// <param name="ct">Cancels it; what was copied stays for the next try.</param>
    /// <returns>False when this installation was moved there before, and nothing was done.</returns>
    /// <exception cref="SetupException">The database is another installation's.</exception>
    public async Task<bool> CopyAsync(Action<string, long> told, CancellationToken ct)
    {
        using (var catalog = new SqliteCatalog(file))
        {
            await catalog.MigrateAsync(ct);
        }

        await target.MakeSchemaAsync(ct);
        await using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await from.OpenAsync(ct);
        await using var to = await target.OpenAsync(ct);
        var tables = await MovedTable.AllAsync(from, to, ct);
        if (!await BeginAsync(await NameAsync(from, ct), tables, to, ct))
        {
            return false;
        }

        foreach (var table in tables)
        {
            told(table.Name, await CopyAsync(table, from, to, ct));
        }

        await CountOnAsync(from, to, ct);
        return true;
    }

    /// <summary>Step 4.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        await using var to = await target.OpenAsync(ct);
        await to.RunAsync("ANALYZE", ct, mayTakeLong: true);
        await to.RunAsync("UPDATE moves SET finished_at = now() WHERE finished_at IS NULL", ct, mayTakeLong: true);
    }

    /// <summary>The same for every try of one installation, and no other's: made of the hash of its operator's key.</summary>
    private static async Task<string> NameAsync(SqliteConnection from, CancellationToken ct)
    {
        var settings = await MovedTable.RowsAsync(from, "SELECT key || '=' || value FROM settings WHERE key = 'operator-key-sha256'", row => row.GetString(0), ct);
        return settings is [var key]
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32]
            : throw new SetupException("This data folder has no catalog of a server: none has ever run there.");
    }

    private async Task<bool> BeginAsync(string name, IReadOnlyList<MovedTable> tables, NpgsqlConnection to, CancellationToken ct)
    {
        await using var transaction = await to.BeginTransactionAsync(ct);
        await to.RunAsync("LOCK TABLE moves", ct, mayTakeLong: true);
        var moves = await MovedTable.RowsAsync(to, "SELECT id, finished_at IS NOT NULL FROM moves", row => (Name: row.GetString(0), IsDone: row.GetBoolean(1)), ct);
        if (moves is [var move] && move.Name == name)
        {
            return !move.IsDone;
        }

        var isEmpty = moves.Count == 0;
        foreach (var table in tables)
        {
            isEmpty = isEmpty && (await MovedTable.RowsAsync(to, $"SELECT 1 FROM {table.Name} LIMIT 1", row => row.GetInt32(0), ct)).Count == 0;
        }

        if (!isEmpty)
        {
            throw new SetupException($"The database {target.Address.Shown} is not empty: another installation's catalog is there. Name an empty one; nothing was changed.");
        }

        await to.RunAsync($"INSERT INTO moves (id) VALUES ('{name}')", ct, mayTakeLong: true);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task<long> CopyAsync(MovedTable table, SqliteConnection from, NpgsqlConnection to, CancellationToken ct)
    {
        var wanted = await table.SumAsync(from, ct);
        await table.CopyAsync(from, to, ct);
        if (await table.SumAsync(to, ct) != wanted)
        {
            // A server ran on the file since an earlier try.
            await to.RunAsync($"TRUNCATE {table.Name}", ct, mayTakeLong: true);
            await table.CopyAsync(from, to, ct);
            if (await table.SumAsync(to, ct) != wanted)
            {
                throw new InvalidOperationException($"The table {table.Name} is not the same in the database after it was copied.");
            }
        }

        return wanted.Rows;
    }

    /// <summary>Numbers that were given out are never given out again: those of rows, and fences, which are part of the names of objects.</summary>
    private static async Task CountOnAsync(SqliteConnection from, NpgsqlConnection to, CancellationToken ct)
    {
        var counters = await MovedTable.RowsAsync(
            from,
            """
            SELECT s.name, c.name, s.seq FROM sqlite_sequence s, pragma_table_info(s.name) c WHERE c.pk = 1 AND s.seq > 0
            """,
            row => (Table: row.GetString(0), Column: row.GetString(1), Last: row.GetInt64(2)), ct);
        foreach (var (table, column, last) in counters)
        {
            await to.RunAsync($"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {last})", ct, mayTakeLong: true);
        }

        await to.RunAsync(
            "SELECT setval('fences', GREATEST(1, (SELECT MAX(fence) FROM tasks), (SELECT MAX(maker) FROM chunks), (SELECT last_value FROM fences)))", ct);
    }
}
