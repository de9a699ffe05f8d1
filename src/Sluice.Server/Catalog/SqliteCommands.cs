using Microsoft.Data.Sqlite;

namespace Sluice.Server.Catalog;

/// <summary>One statement, its values, its answer.</summary>
internal sealed partial class SqliteCatalog
{
    private static SqliteCommand Command(
        SqliteConnection connection, SqliteTransaction? transaction, string sql, (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Made of our own constants; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>Runs statements; answers the number of rows that they changed.</summary>
    private static async Task<int> RunAsync(
        SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken ct,
        params (string Name, object? Value)[] values)
    {
        await using var command = Command(connection, transaction, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The first row, or null.</summary>
    private static async Task<T?> ReadOneAsync<T>(
        SqliteConnection connection, SqliteTransaction? transaction, string sql, Func<SqliteDataReader, T> read,
        CancellationToken ct, params (string Name, object? Value)[] values) where T : class
    {
        await using var command = Command(connection, transaction, sql, values);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? read(row) : null;
    }

    /// <summary>Every row.</summary>
    private static async Task<IReadOnlyList<T>> ReadAllAsync<T>(
        SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, CancellationToken ct,
        params (string Name, object? Value)[] values)
    {
        await using var command = Command(connection, null, sql, values);
        await using var row = await command.ExecuteReaderAsync(ct);
        var found = new List<T>();
        while (await row.ReadAsync(ct))
        {
            found.Add(read(row));
        }

        return found;
    }
}
