using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Sluice.Server.Catalog.Move;

/// <summary>One table on its way from a file to a database that has it too: rows in the order of the key, so that what is there is a beginning of what is to be there.</summary>
/// <param name="Name">Its name, in both.</param>
/// <param name="Columns">Its columns, with their types in the database.</param>
/// <param name="Key">Columns of the key.</param>
internal sealed record MovedTable(string Name, IReadOnlyList<(string Name, NpgsqlDbType Type)> Columns, IReadOnlyList<string> Key)
{
    /// <summary>Rows that are kept together, or not at all.</summary>
    private const int Batch = 2000;

    private string Names => string.Join(", ", Columns.Select(column => column.Name));

    private string Keys => string.Join(", ", Key);

    /// <summary>The tables of the file, as the database has them; but for counts, which it keeps by itself.</summary>
    /// <exception cref="InvalidOperationException">The database has not the same tables.</exception>
    public static async Task<IReadOnlyList<MovedTable>> AllAsync(SqliteConnection file, NpgsqlConnection database, CancellationToken ct)
    {
        var columns = await RowsAsync(
            file,
            """
            SELECT m.name, c.name, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'library_counts' ORDER BY m.name, c.cid
            """,
            row => (Table: row.GetString(0), Column: row.GetString(1), Key: row.GetInt32(2)), ct);
        var types = (await RowsAsync(
            database, "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()",
            row => (Name: $"{row.GetString(0)}.{row.GetString(1)}", Type: row.GetString(2)), ct)).ToDictionary(column => column.Name, column => TypeOf(column.Type));
        return
        [
            .. columns.GroupBy(column => column.Table).Select(table => new MovedTable(
                table.Key,
                [.. table.Select(column => types.TryGetValue($"{table.Key}.{column.Column}", out var type)
                    ? (column.Column, type)
                    : throw new InvalidOperationException($"The database has no column {column.Column} in {table.Key}."))],
                [.. table.Where(column => column.Key > 0).OrderBy(column => column.Key).Select(column => column.Column)])),
        ];
    }

    /// <summary>Copies the rows that are not there yet.</summary>
    public async Task CopyAsync(SqliteConnection file, NpgsqlConnection database, CancellationToken ct)
    {
        var there = await RowsAsync(
            database, $"SELECT {Keys} FROM {Name} ORDER BY {string.Join(", ", Key.Select(key => key + " DESC"))} LIMIT 1", Values, ct);
        var last = there is [var newest] ? newest : null;
#pragma warning disable CA2100 // Names of our own schema; values are parameters.
        await using var command = file.CreateCommand();
        command.CommandText = last is null
            ? $"SELECT {Names} FROM {Name} ORDER BY {Keys}"
            : $"SELECT {Names} FROM {Name} WHERE ({Keys}) > ({string.Join(", ", Key.Select((_, n) => $"@k{n}"))}) ORDER BY {Keys}";
#pragma warning restore CA2100
        for (var n = 0; n < last?.Length; n++)
        {
            command.Parameters.AddWithValue($"@k{n}", last[n]);
        }

        await using var row = await command.ExecuteReaderAsync(ct);
        var more = await row.ReadAsync(ct);
        while (more)
        {
            await using var copy = await database.BeginBinaryImportAsync($"COPY {Name} ({Names}) FROM STDIN (FORMAT BINARY)", ct);
            for (var n = 0; more && n < Batch; n++)
            {
                await copy.StartRowAsync(ct);
                for (var column = 0; column < Columns.Count; column++)
                {
                    if (row.IsDBNull(column))
                    {
                        await copy.WriteNullAsync(ct);
                    }
                    else
                    {
                        await copy.WriteAsync(ValueOf(row, column), Columns[column].Type, ct);
                    }
                }

                more = await row.ReadAsync(ct);
            }

            await copy.CompleteAsync(ct);
        }
    }

    /// <summary>How many rows there are, and a sum over all of them that is the same on both sides.</summary>
    public async Task<(long Rows, string Sum)> SumAsync(DbConnection connection, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own schema.
        command.CommandText = $"SELECT {Names} FROM {Name} ORDER BY {Keys}";
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync(ct);
        var rows = 0L;
        for (; await row.ReadAsync(ct); rows++)
        {
            for (var column = 0; column < Columns.Count; column++)
            {
                var bytes = row.IsDBNull(column) ? null : BytesOf(ValueOf(row, column));
                var length = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(length, bytes?.Length ?? -1);
                hash.AppendData(length);
                hash.AppendData(bytes ?? []);
            }
        }

        return (rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Every row, read by <paramref name="read"/>.</summary>
    public static async Task<IReadOnlyList<T>> RowsAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Our own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        var found = new List<T>();
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            found.Add(read(row));
        }

        return found;
    }

    private static object[] Values(DbDataReader row) => [.. Enumerable.Range(0, row.FieldCount).Select(row.GetValue)];

    private static NpgsqlDbType TypeOf(string name) => name switch
    {
        "text" => NpgsqlDbType.Text,
        "bigint" => NpgsqlDbType.Bigint,
        "integer" => NpgsqlDbType.Integer,
        "boolean" => NpgsqlDbType.Boolean,
        "bytea" => NpgsqlDbType.Bytea,
        "double precision" => NpgsqlDbType.Double,
        _ => NpgsqlDbType.Unknown, // Of tables that are not moved.
    };

    private static byte[] BytesOf(object value) => value switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes,
        bool flag => [flag ? (byte)1 : (byte)0],
        int whole => BitConverter.GetBytes((long)whole),
        long whole => BitConverter.GetBytes(whole),
        double real => BitConverter.GetBytes(real),
        _ => throw new InvalidOperationException($"A column holds a {value.GetType().Name}."),
    };

    private object ValueOf(DbDataReader row, int column) => Columns[column].Type switch
    {
        NpgsqlDbType.Text => CatalogText.Of(row.GetString(column)),
        NpgsqlDbType.Bigint => row.GetInt64(column),
        NpgsqlDbType.Integer => row.GetInt32(column),
        NpgsqlDbType.Boolean => row.GetBoolean(column),
        NpgsqlDbType.Bytea => row.GetFieldValue<byte[]>(column),
        NpgsqlDbType.Double => row.GetDouble(column),
        _ => throw new InvalidOperationException($"{Name}.{Columns[column].Name} has a type that is not moved."),
    };
}
