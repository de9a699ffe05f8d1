using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>One statement, its values, its answer.</summary>
internal abstract partial class SqlCatalog
{
    /// <summary>Writes a row, in the place of the one that has the same key.</summary>
    private static string Upsert(string table, string columns, string parameters, string key) =>
        $"INSERT INTO {table} ({columns}) VALUES ({parameters}) ON CONFLICT ({key}) DO UPDATE SET "
        + string.Join(", ", columns.Split(", ").Except(key.Split(", ")).Select(column => $"{column} = excluded.{column}"));

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Made of our own constants; values are parameters.
        command.CommandText = sql.Replace('$', '@'); // Npgsql knows names of that kind only, SQLite both. Nothing else in our statements has a dollar.
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name.Replace('$', '@');
            parameter.Value = value is string text ? CatalogText.Of(text) : value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Runs statements; answers the number of rows that they changed.</summary>
    private protected static async Task<int> RunAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken ct,
        params (string Name, object? Value)[] values)
    {
        await using var command = Command(connection, transaction, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The first row, or null.</summary>
    private protected static async Task<T?> ReadOneAsync<T>(
        DbConnection connection, DbTransaction? transaction, string sql, Func<DbDataReader, T> read,
        CancellationToken ct, params (string Name, object? Value)[] values) where T : class
    {
        await using var command = Command(connection, transaction, sql, values);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? read(row) : null;
    }

    /// <summary>Every row.</summary>
    private static async Task<IReadOnlyList<T>> ReadAllAsync<T>(
        DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken ct,
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
