using System.Data;
using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// Who works with the database, by a lock that each node shares as long as it lives, and that one which starts has alone when no other is there.
/// A node that was killed or cut off is gone when the database ends its connections.
/// </summary>
internal sealed class PostgresPresence(PostgresCatalog catalog) : IDisposable
{
    /// <summary>An arbitrary number, the same in every version.</summary>
    private const string Lock = "23481674602079538";

    private NpgsqlConnection? _connection;

    /// <summary>Shares the lock on this connection, until that ends. Waits for a node that starts alone.</summary>
    public static Task ShareAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.RunAsync($"SELECT pg_advisory_lock_shared({Lock})", ct, mayTakeLong: true);

    /// <summary>The start of this node.</summary>
    public async Task<CatalogEntry> EnterAsync(CancellationToken ct)
    {
        var connection = await catalog.OpenAsync(ct);
        try
        {
            await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Lock})", connection);
            var isAlone = await command.ExecuteScalarAsync(ct) is true;
            await ShareAsync(connection, ct);
            _connection = connection;
            return new CatalogEntry(isAlone, () => isAlone ? LetInAsync(connection) : ValueTask.CompletedTask);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _connection?.Dispose();

    private static async ValueTask LetInAsync(NpgsqlConnection connection)
    {
        if (connection.State != ConnectionState.Open)
        {
            return; // The lock went with the connection; the one that listens shares it from now on.
        }

        try
        {
            await connection.RunAsync($"SELECT pg_advisory_unlock({Lock})", CancellationToken.None);
        }
        catch (Exception e) when (PostgresTrouble.IsLoss(e))
        {
            // The same.
        }
    }
}
