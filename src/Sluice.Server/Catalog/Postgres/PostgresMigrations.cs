using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// The schema as a list of steps, which are only ever added at the end; the table <c>migrations</c> has those that were done. One node runs them, the others
/// wait for it. While nodes are replaced by newer ones both work on the same database: so a step adds (tables, columns that may be left out, indexes), and
/// one that does more than that says so.
/// </summary>
internal static class PostgresMigrations
{
    /// <summary>Held by who migrates. An arbitrary number, the same in every version.</summary>
    private const long Lock = 0x536c75696365;

    private static readonly Step[] Steps =
    [
        new(PostgresSchema.First, IsAdditive: false),
        new(PostgresSchema.Holds, IsAdditive: true),
        new(PostgresSchema.UploadPieces, IsAdditive: true),
    ];

    /// <summary>Runs the steps that this database has not seen, each in its own transaction.</summary>
    /// <exception cref="InvalidOperationException">A newer Sluice made a change that this one cannot work with, or a move to it has not ended.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        for (var step = 1; ; step++)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await connection.RunAsync($"SELECT pg_advisory_xact_lock({Lock})", ct, mayTakeLong: true);
            if (step == 1)
            {
                await connection.RunAsync(
                    "CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY, needs INTEGER NOT NULL, done_at TIMESTAMPTZ NOT NULL DEFAULT now())", ct);
            }

            var (done, needs) = await StateAsync(connection, ct);
            if (needs > Steps.Length)
            {
                throw new InvalidOperationException(
                    $"The catalog has schema {done}, but this Sluice knows only up to {Steps.Length}. " +
                    "A newer version wrote it; start that version, or restore a copy made before the upgrade.");
            }

            if (step <= Steps.Length && done < step)
            {
                var (sql, isAdditive) = Steps[step - 1];
                await connection.RunAsync(sql, ct, mayTakeLong: true);
                await connection.RunAsync($"INSERT INTO migrations (step, needs) VALUES ({step}, {(isAdditive ? needs : step)})", ct, mayTakeLong: true);
            }

            await transaction.CommitAsync(ct);
            if (step >= Steps.Length)
            {
                return;
            }
        }
    }

    /// <summary>How far the schema is, in words.</summary>
    public static async Task<string> DescribeAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('migrations') IS NOT NULL", connection);
        return await command.ExecuteScalarAsync(ct) is true
            ? $"schema {(await StateAsync(connection, ct)).Done} of {Steps.Length}"
            : "empty; the schema is made at the first start";
    }

    private static async Task<(int Done, int Needs)> StateAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT COALESCE(MAX(step), 0), COALESCE(MAX(needs), 0) FROM migrations", connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetInt32(0), row.GetInt32(1));
    }

    /// <summary>One step.</summary>
    /// <param name="Sql">Its statements.</param>
    /// <param name="IsAdditive">Programs that do not know it can go on with the database.</param>
    private sealed record Step(string Sql, bool IsAdditive);
}
