using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Bench.Measurements;

/// <summary>The catalog with a million titles, each with a job that is done: what a request and a worker ask of it, on both databases.</summary>
internal static class CatalogBench
{
    private const int OpenTasks = 10_000;
    private const int Page = 50;
    private const int Workers = 100;
    private const int Times = 3_000;
    private const double MostMilliseconds = 5;

    private static readonly int Titles =
        Environment.GetEnvironmentVariable("SLUICE_BENCH_TITLES") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1_000_000;

    private const string Assets =
        """
        INSERT INTO assets (id, title, file_name, state, origin, size_bytes, duration_seconds, version, tracks, created_at, updated_at, epoch, admin_key_hash, sha256, title_key, search_text)
        SELECT {id}, 'Film ' || i, 'film-' || i || '.mp4', 'ready', 'native', 1000000 + i, 5400, 'abcdef012345',
          '[{"id":"v0","kind":"video","description":"h264 High 1920x1080","action":"copy","reason":"plays as it is","codecs":"avc1.640028"},'
          || '{"id":"a0","kind":"audio","description":"aac LC stereo","action":"copy","reason":"plays as it is","codecs":"mp4a.40.2"}]',
          1700000000000000 + i * 1000000, 1700000000000000 + i * 1000000, 0, {bytes}, {bytes},
          'film ' || {number}, 'film ' || i || ' film-' || i || '.mp4'
        FROM n
        """;

    private const string Jobs =
        """
        INSERT INTO jobs (id, asset, kind, state, created_at, updated_at, finished_at)
        SELECT {id}, {id}, 'encode', CASE WHEN i > {titles} - {open} THEN 'queued' ELSE 'done' END, i, i, CASE WHEN i > {titles} - {open} THEN NULL ELSE i END FROM n
        """;

    private const string Tasks =
        """
        INSERT INTO tasks (job, asset, kind, urgency, first_chunk, end_chunk, renditions, state, not_before)
        SELECT {id}, {id}, 'encode', i % 3, 1, 9, '', CASE WHEN i > {titles} - {open} THEN 'queued' ELSE 'done' END, 0 FROM n
        """;

    /// <summary>Measures.</summary>
    public static async Task RunAsync(Workshop workshop, Report report)
    {
        report.Text($"{Titles:N0} titles with a job each, {OpenTasks:N0} tasks to be done, of which {Workers} are held. One caller, {Times:N0} times, in milliseconds. A token check is the look at a title that nobody remembers; "
            + "what a server remembers costs no look. Claims are flushed to the disk where the database does that.");
        var rows = new List<string[]>();
        var file = Path.Combine(workshop.NewFolder(), "catalog.db");
        using (var sqlite = new SqliteCatalog(file))
        {
            await sqlite.MigrateAsync(default);
            await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
            {
                await connection.OpenAsync();
                await FillAsync(
                    connection, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Titles}) ", "printf('%016d', i * 7919 % 1000003)",
                    "printf('%010d', i)", "CAST(printf('%032d', i) AS BLOB)", isBehind: false, "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)");
            }

            await MeasureAsync("SQLite", sqlite, report, rows);
        }

        await using var server = await PostgresProcess.StartAsync(workshop.NewFolder());
        await using var postgres = PostgresAddress.TryParse(server.Url, null, out var address)
            ? new PostgresCatalog(address, TimeProvider.System)
            : throw new InvalidOperationException(server.Url);
        await postgres.MigrateAsync(default);
        await using (var connection = new NpgsqlConnection(address.ConnectionString))
        {
            await connection.OpenAsync();
            await FillAsync(
                connection, "", "lpad((i * 7919 % 1000003)::text, 16, '0')", "lpad(i::text, 10, '0')", "convert_to(lpad(i::text, 32, '0'), 'UTF8')", isBehind: true, "VACUUM ANALYZE",
                "CHECKPOINT");
        }

        await MeasureAsync("PostgreSQL", postgres, report, rows);
        report.Table(["", "p50", "p99", "longest"], rows);
    }

    private static async Task FillAsync(DbConnection connection, string numbers, string id, string number, string bytes, bool isBehind, params string[] atRest)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var sql in (string[])[Assets, Jobs, Tasks, .. atRest])
        {
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 0;
            var statement = sql.Replace("{id}", id, StringComparison.Ordinal).Replace("{bytes}", bytes, StringComparison.Ordinal).Replace("{number}", number, StringComparison.Ordinal)
                .Replace("{titles}", $"{Titles}", StringComparison.Ordinal).Replace("{open}", $"{OpenTasks}", StringComparison.Ordinal);
            if (isBehind)
            {
                statement = statement.Replace("FROM n", $"FROM generate_series(1::bigint, {Titles}) AS n(i)", StringComparison.Ordinal);
            }
            else if (statement.StartsWith("INSERT", StringComparison.Ordinal))
            {
                statement = numbers + statement;
            }

#pragma warning disable CA2100 // Made of constants.
            command.CommandText = statement;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
        }

        await Console.Error.WriteLineAsync($"bench: filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
    }

    private static async Task MeasureAsync(string name, ICatalog catalog, Report report, List<string[]> rows)
    {
        var random = new Random(1);
        AssetId Any() => AssetId.Parse(((long)random.Next(1, Titles) * 7919 % 1000003).ToString("d16", CultureInfo.InvariantCulture), null);
        await TimeAsync("listing", async () => (await catalog.ListAsync(Any(), Page, default)).Count);
        await TimeAsync("first page and how many there are", async () =>
            (await catalog.ListAsync(LibraryQuery.All, null, Page, default)).Count == Page && await catalog.CountAsync(LibraryQuery.All, default) == Titles ? 1 : 0);
        await TimeAsync("token check", async () => await catalog.FindAsync(Any(), default) is null ? 0 : 1);
        var held = new Queue<WorkTask>();
        await TimeAsync(
            "job claim", async () =>
            {
                if (await catalog.ClaimAsync("bench", Urgency.Background, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(10), default) is { } task)
                {
                    held.Enqueue(task);
                }

                return held.Count;
            },
            async () =>
            {
                if (held.Count > Workers)
                {
                    await catalog.CompleteAsync(held.Dequeue(), TimeProvider.System.GetUtcNow(), default);
                }
            });

        async Task TimeAsync(string what, Func<Task<int>> ask, Func<Task>? between = null)
        {
            var times = new List<double>(Times);
            for (var n = -100; n < Times; n++)
            {
                var began = Stopwatch.GetTimestamp();
                if (await ask() == 0)
                {
                    throw new InvalidOperationException($"{name}, {what}: nothing was found.");
                }

                var milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                if (between is not null)
                {
                    await between();
                }

                if (n >= 0)
                {
                    times.Add(milliseconds);
                }
            }

            times.Sort();
            var (half, most) = (times[Times / 2], times[Times * 99 / 100]);
            rows.Add([$"{name}: {what}", $"{half:F2}", $"{most:F2}", $"{times[^1]:F2}"]);
            report.Bar($"{name}: {what} at {Titles:N0} titles ≤ {MostMilliseconds} ms at the 99th percentile", most <= MostMilliseconds, $"{most:F2} ms");
        }
    }
}
