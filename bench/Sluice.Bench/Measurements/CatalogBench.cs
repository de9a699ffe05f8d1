using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Sluice.Bench.Catalogs;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Bench.Measurements;

/// <summary>The catalog with a million titles, each with a job: what a request and a worker ask of it, on both databases.</summary>
internal static class CatalogBench
{
    private const int Page = 50;
    private const int Workers = 100;
    private const int AtOnce = 64;
    private const int TasksEach = 40;
    private const int Paused = 5_000;
    private const int Times = 3_000;
    private const double MostMilliseconds = 5;

    private static readonly int Titles =
        Environment.GetEnvironmentVariable("SLUICE_BENCH_TITLES") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1_000_000;

    private static readonly int OpenTasks = Math.Min(20_000, Titles / 2);

    /// <summary>Measures.</summary>
    public static async Task RunAsync(Workshop workshop, Report report)
    {
        report.Text(
            $"{Titles:N0} titles with their tracks, four renditions and a job each, {OpenTasks:N0} tasks to be done, of which {Workers} are held. One caller, {Times:N0} times, in milliseconds. "
            + $"A listing is {Page} titles from anywhere in the library on; a token check is the look at a title that nobody remembers (what a server remembers costs no look); claims are flushed to the disk "
            + $"where the database does that. Then the jobs of the {Paused:N0} tasks that come next are paused, and {AtOnce} workers claim and end {TasksEach} tasks each at once. PostgreSQL is Debian's, with its settings "
            + "but for `shared_buffers=512MB`, on the same machine, with all flushes.");
        var machine = Machine.BusyWithOthers();
        if (machine is not null)
        {
            report.Text(machine);
        }

        var rows = new List<string[]>();
        var file = Path.Combine(workshop.NewFolder(), "catalog.db");
        using (var sqlite = new SqliteCatalog(file))
        {
            await sqlite.MigrateAsync(default);
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            await connection.OpenAsync();
            await MadeLibrary.OfSqlite(Titles).FillAsync(connection, Titles, OpenTasks);
            await MeasureAsync("SQLite", sqlite, connection, report, rows);
        }

        await using var server = await PostgresProcess.StartAsync(workshop.NewFolder());
        await using var postgres = PostgresAddress.TryParse(server.Url, null, out var address)
            ? new PostgresCatalog(address, TimeProvider.System)
            : throw new InvalidOperationException(server.Url);
        await postgres.MigrateAsync(default);
        await using (var connection = new NpgsqlConnection(address.ConnectionString))
        {
            await connection.OpenAsync();
            await MadeLibrary.OfPostgres(Titles).FillAsync(connection, Titles, OpenTasks);
            await MeasureAsync("PostgreSQL", postgres, connection, report, rows);
        }

        report.Table(["", "p50", "p99", "longest"], rows);
    }

    private static async Task MeasureAsync(string name, ICatalog catalog, DbConnection connection, Report report, List<string[]> rows)
    {
        var random = new Random(1);
        AssetId Any() => AssetId.Parse(MadeLibrary.IdOf(random.Next(1, Titles)), null);
        foreach (var order in Enum.GetValues<LibraryOrder>())
        {
            await TimeAsync($"listing, {order}", async () => (await catalog.ListAsync(LibraryQuery.All with { Order = order }, Any(), Page, default)).Count);
        }

        await TimeAsync("first page and how many there are", async () =>
            (await catalog.ListAsync(LibraryQuery.All, null, Page, default)).Count == Page && await catalog.CountAsync(LibraryQuery.All, default) == Titles ? 1 : 0);
        await TimeAsync("token check", async () => await catalog.FindAsync(Any(), default) is null ? 0 : 1);
        await TimeClaimsAsync("job claim");
        await TimeAsync("the sweeper's look for what is due", async () =>
        {
            await catalog.NextDueAsync(Urgency.Background, TimeProvider.System.GetUtcNow(), default);
            return await catalog.NextDueAsync(Urgency.Title, DateTimeOffset.UnixEpoch, default) is null ? 0 : 1;
        });
        await MadeLibrary.RunAsync(connection, MadeLibrary.Pause.Replace("{paused}", $"{Math.Min(Paused, OpenTasks / 4)}", StringComparison.Ordinal));
        await TimeClaimsAsync($"job claim behind {Math.Min(Paused, OpenTasks / 4):N0} paused tasks");
        await CompeteAsync(name, catalog, report);

        async Task TimeClaimsAsync(string what)
        {
            var held = new Queue<WorkTask>();
            await TimeAsync(
                what, async () =>
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
            while (held.TryDequeue(out var task))
            {
                await catalog.CompleteAsync(task, TimeProvider.System.GetUtcNow(), default);
            }
        }

        async Task TimeAsync(string what, Func<Task<int>> ask, Func<Task>? between = null)
        {
            var count = Math.Min(Times, OpenTasks / 8);
            var times = new List<double>(count);
            for (var n = -100; n < count; n++)
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
            var (half, most) = (times[count / 2], times[count * 99 / 100]);
            await Console.Error.WriteLineAsync($"bench: {name}: {what}: {half:F2} {most:F2} {times[^1]:F2}");
            rows.Add([$"{name}: {what}", $"{half:F2}", $"{most:F2}", $"{times[^1]:F2}"]);
            report.Bar($"{name}: {what} at {Titles:N0} titles ≤ {MostMilliseconds} ms at the 99th percentile", most <= MostMilliseconds, $"{most:F2} ms");
        }
    }

    /// <summary>Many workers at once: no task is given to two of them.</summary>
    private static async Task CompeteAsync(string name, ICatalog catalog, Report report)
    {
        var each = Math.Min(TasksEach, OpenTasks / 4 / AtOnce);
        var claimed = new ConcurrentBag<long>();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(worker => Task.Run(async () =>
        {
            for (var n = 0; n < each; n++)
            {
                var task = await catalog.ClaimAsync($"worker {worker}", Urgency.Background, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(10), default)
                    ?? throw new InvalidOperationException($"{name}: worker {worker} found nothing.");
                claimed.Add(task.Id);
                if (!await catalog.CompleteAsync(task, TimeProvider.System.GetUtcNow(), default))
                {
                    throw new InvalidOperationException($"{name}: the task of worker {worker} was somebody else's.");
                }
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Bar(
            $"{name}: {AtOnce} workers at once claim and end {AtOnce * each:N0} tasks, none twice", claimed.Distinct().Count() == AtOnce * each,
            $"{claimed.Count - claimed.Distinct().Count()} twice, {AtOnce * each / seconds:N0} tasks/s");
    }
}
