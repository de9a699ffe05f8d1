using System.Globalization;
using Npgsql;

namespace Sluice.Bench.Cluster;

/// <summary>
/// Looks into the database that the nodes share; while that is away it waits. Every row that ever entered <c>chunks</c> is written down by a trigger, for the rows
/// themselves go when a rendition is gathered.
/// </summary>
internal sealed class ClusterCatalog(string connectionString)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Begins to write down what is published.</summary>
    public Task WatchAsync() => RunAsync(
        """
        CREATE TABLE bench_published (asset text, rendition text, number integer, maker bigint, is_placeholder integer, at timestamptz DEFAULT clock_timestamp());
        CREATE FUNCTION bench_publish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO bench_published VALUES (NEW.asset, NEW.rendition, NEW.number, NEW.maker, NEW.is_placeholder::integer);
          RETURN NEW;
        END $$;
        CREATE TRIGGER bench_publishes AFTER INSERT ON chunks FOR EACH ROW EXECUTE FUNCTION bench_publish();
        """);

    /// <summary>One number.</summary>
    public async Task<long> CountAsync(string sql) => long.Parse((await ReadAsync(sql)).Single(), CultureInfo.InvariantCulture);

    /// <summary>The columns of each row, in words with a blank between.</summary>
    public Task<List<string>> ReadAsync(string sql) => TryAsync(async connection =>
    {
#pragma warning disable CA2100 // Our own words; what is put into them are names that we made.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await row.ReadAsync())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(i => Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return rows;
    });

    private Task<int> RunAsync(string sql) => TryAsync(async connection =>
    {
#pragma warning disable CA2100 // As above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteNonQueryAsync();
    });

    private async Task<T> TryAsync<T>(Func<NpgsqlConnection, Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(patience.Token);
                return await ask(connection);
            }
            catch (NpgsqlException e) when (!patience.IsCancellationRequested && e is not PostgresException { SqlState: [not '5', ..] })
            {
                await Task.Delay(500, CancellationToken.None); // It restarts.
            }
        }
    }
}
