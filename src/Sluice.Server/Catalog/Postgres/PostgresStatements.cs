using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>Statements without values: of the schema, of moves, of listening.</summary>
internal static class PostgresStatements
{
    /// <summary>Runs statements of our own making.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="sql">The statements.</param>
    /// <param name="ct">Cancels it.</param>
    /// <param name="mayTakeLong">It is waited for as long as it takes, such as for an index over many rows.</param>
    public static async Task RunAsync(this NpgsqlConnection connection, string sql, CancellationToken ct, bool mayTakeLong = false)
    {
#pragma warning disable CA2100 // Made of our own constants and names.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        if (mayTakeLong)
        {
            command.CommandTimeout = 0;
        }

        await command.ExecuteNonQueryAsync(ct);
    }
}
