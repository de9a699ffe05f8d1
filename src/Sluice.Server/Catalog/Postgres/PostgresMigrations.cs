using System.Data;
using Npgsql;
using Sluice.Server.Hosting;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// The schema as a list of steps, which are only ever added at the end; the table <c>migrations</c> has those that were done. One node runs them, the others
/// wait for it. While nodes are replaced by newer ones both work on the same database: so a step adds (tables, columns that may be left out, indexes), and
/// one that does more than that says so.
/// </summary>
internal static class PostgresMigrations
{
    /// <summary>Held by who migrates. An arbitrary number, the same in every version.</summary>
    public const long Lock = 0x536c75696365;

    /// <summary>Whoever works with a table waits behind a step that waits for it, so a step does not wait long.</summary>
    private const string MostWait = "2s";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>In that time every transaction of a node has ended; a backup may take longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>All steps that this program knows.</summary>
    public static IReadOnlyList<PostgresStep> Steps { get; } =
    [
        new(PostgresSchema.First, IsAdditive: false),
        new(PostgresSchema.Holds, IsAdditive: true),
        new(PostgresSchema.Sessions, IsAdditive: true),
        new(PostgresSchema.Pauses, IsAdditive: true),
        new(PostgresSchema.UploadPieces, IsAdditive: true),
        new(PostgresSchema.Encoded, IsAdditive: true),
    ];

    /// <summary>Runs the steps that this database has not seen, each in its own transaction.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="steps">All steps that are known.</param>
    /// <param name="clock">The time.</param>
    /// <param name="ct">Cancels it; steps that were done stay.</param>
    /// <exception cref="NewerSchemaException">A newer Sluice made a change that this one cannot work with.</exception>
    /// <exception cref="SetupException">Somebody else holds a table that a step changes, for minutes.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, IReadOnlyList<PostgresStep> steps, TimeProvider clock, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        for (var step = 1; step <= steps.Count;)
        {
            try
            {
                await RunAsync(connection, step, steps, ct);
                step++;
            }
            catch (PostgresException e) when (PostgresTrouble.IsLocked(e) || PostgresTrouble.IsConflict(e))
            {
                if (clock.GetElapsedTime(began) > Patience)
                {
                    throw new SetupException(
                        "The schema of the catalog cannot be changed: for two minutes something has held its tables, such as a backup. " +
                        "Start again when that has ended; nothing was changed.", e);
                }

                await Task.Delay(Pause, clock, ct); // Those that have waited behind us go first.
            }
        }
    }

    /// <summary>How far the schema is, in words.</summary>
    /// <exception cref="NewerSchemaException">It is too new for this program.</exception>
    public static async Task<string> DescribeAsync(NpgsqlConnection connection, IReadOnlyList<PostgresStep> steps, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('migrations') IS NOT NULL", connection);
        if (await command.ExecuteScalarAsync(ct) is not true)
        {
            return "empty; the schema is made at the first start";
        }

        var done = await RequireAsync(connection, steps, ct);
        return done > steps.Count ? $"schema {done}, of a newer Sluice; this one knows {steps.Count} and works with it" : $"schema {done} of {steps.Count}";
    }

    /// <summary>How far the schema is.</summary>
    /// <exception cref="NewerSchemaException">It is too new for this program.</exception>
    public static async Task<int> RequireAsync(NpgsqlConnection connection, IReadOnlyList<PostgresStep> steps, CancellationToken ct)
    {
        var (done, needs) = await StateAsync(connection, ct);
        return needs > steps.Count ? throw new NewerSchemaException(done, steps.Count) : done;
    }

    private static async Task RunAsync(NpgsqlConnection connection, int step, IReadOnlyList<PostgresStep> steps, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await connection.RunAsync($"SELECT pg_advisory_xact_lock({Lock})", ct, mayTakeLong: true);
        await connection.RunAsync($"SET LOCAL lock_timeout = '{MostWait}'", ct);
        if (step == 1)
        {
            await connection.RunAsync(
                "CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY, needs INTEGER NOT NULL, done_at TIMESTAMPTZ NOT NULL DEFAULT now())", ct);
        }

        var (done, needs) = await StateAsync(connection, ct);
        if (needs > steps.Count)
        {
            throw new NewerSchemaException(done, steps.Count);
        }

        if (done < step)
        {
            var (sql, isAdditive) = steps[step - 1];
            await connection.RunAsync(sql, ct, mayTakeLong: true);
            await connection.RunAsync($"INSERT INTO migrations (step, needs) VALUES ({step}, {(isAdditive ? needs : step)})", ct, mayTakeLong: true);
        }

        await transaction.CommitAsync(ct);
    }

    private static async Task<(int Done, int Needs)> StateAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT COALESCE(MAX(step), 0), COALESCE(MAX(needs), 0) FROM migrations", connection);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetInt32(0), row.GetInt32(1));
    }
}

/// <summary>One step.</summary>
/// <param name="Sql">Its statements.</param>
/// <param name="IsAdditive">Programs that do not know it can go on with the database.</param>
internal sealed record PostgresStep(string Sql, bool IsAdditive);
