using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sluice.Bench.Catalogs;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Jobs;
using Sluice.Server.Jobs.RabbitMq;

namespace Sluice.Bench.Measurements;

/// <summary>A million tasks that are all to be done at once, over a real broker and a real database: what a queue that holds ten thousand makes of them.</summary>
internal static class QueueBench
{
    private const int Nodes = 4;
    private const int Lanes = 16;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Found = TimeSpan.FromSeconds(15);

    private static readonly int Tasks =
        Environment.GetEnvironmentVariable("SLUICE_BENCH_TITLES") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1_000_000;

    /// <summary>Measures.</summary>
    public static async Task RunAsync(Workshop workshop, Report report)
    {
        report.Text(
            $"{Tasks:N0} tasks to be done in PostgreSQL, each announced to RabbitMQ; then {Nodes} nodes of {Lanes} lanes each claim and end them, doing nothing in between, as the lanes of a worker do. "
            + $"Halfway both queues are emptied by hand. All of it is on one machine. A queue takes {BrokerQueues.MostWaiting:N0} announcements and refuses the others.");
        if (Machine.BusyWithOthers() is { } busy)
        {
            report.Text(busy);
        }

        await using var server = await PostgresProcess.StartAsync(workshop.NewFolder());
        await using var catalog = PostgresAddress.TryParse(server.Url, null, out var address) ? new PostgresCatalog(address, TimeProvider.System) : throw new InvalidOperationException(server.Url);
        await catalog.MigrateAsync(default);
        await using (var connection = new NpgsqlConnection(address.ConnectionString))
        {
            await connection.OpenAsync();
            await MadeLibrary.OfPostgres(Tasks).FillAsync(connection, Tasks, Tasks);
        }

        await using var rabbit = await QueueBroker.StartAsync(workshop.NewFolder());

        // :: Step 1  Announce all of them, as uploads do
        using var api = await OpenAsync(rabbit, null);
        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < Tasks; n++)
        {
            api.Announce(n % 3 == 0 ? Urgency.Background : Urgency.Title, 1);
        }

        var least = Stopwatch.GetElapsedTime(began);
        await UntilAsync(() => Task.FromResult(api.IsAllTold), TimeSpan.FromMinutes(5), "The announcements are not told.");
        var told = Stopwatch.GetElapsedTime(began);
        var waiting = await DepthsAsync(api);
        report.Table(["announced", ""],
        [
            ["to be announced", $"{Tasks:N0}"], ["the callers waited", $"{least.TotalSeconds:F2} s"], ["until the broker had answered all", $"{told.TotalSeconds:F1} s"],
            ["confirmed", $"{api.Status.Announced:N0}"], ["refused, the queue being full", $"{api.Status.Refused:N0}"], ["in the queues then", $"{waiting:N0}"],
        ]);
        report.Bar("the queues hold no more than they may, and somewhat", waiting is > 0 and <= 4 * BrokerQueues.MostWaiting, $"{waiting:N0}");

        // :: Step 2  Work
        var done = new ConcurrentDictionary<long, int>();
        var claims = new ConcurrentBag<double>();
        using var stop = new CancellationTokenSource();
        var nodes = new List<RabbitMqQueue>();
        var lanes = new List<Task>();
        var sweepers = new List<WorkSweeper>();
        for (var n = 0; n < Nodes; n++)
        {
            var queue = await OpenAsync(rabbit, new LaneCounts(Lanes, 0));
            nodes.Add(queue);
            lanes.AddRange(Enumerable.Range(0, Lanes).Select(_ => LaneAsync(catalog, queue, done, claims, stop.Token)));
            var sweeper = new WorkSweeper(catalog, queue, queue, TimeProvider.System, NullLogger<WorkSweeper>.Instance);
            await sweeper.StartAsync(default);
            sweepers.Add(sweeper);
        }

        began = Stopwatch.GetTimestamp();
        await Task.Delay(Measured, CancellationToken.None);
        var (first, seconds) = (done.Count, Stopwatch.GetElapsedTime(began).TotalSeconds);
        var sorted = claims.Order().ToArray();
        report.Table([$"{Nodes} nodes, {Lanes} lanes each", ""],
        [
            ["tasks a second", $"{first / seconds:N0}"], ["claim, p50", $"{sorted[sorted.Length / 2]:F1} ms"], ["claim, p99", $"{sorted[sorted.Length * 99 / 100]:F1} ms"],
        ]);

        // :: Step 3  The queues are emptied by hand
        var removed = await rabbit.PurgeAsync("sluice.viewers") + await rabbit.PurgeAsync("sluice.background");
        await Task.Delay(500, CancellationToken.None);
        var before = done.Count;
        began = Stopwatch.GetTimestamp();
        await UntilAsync(() => Task.FromResult(done.Count >= Math.Min(before + 1000, Tasks)), TimeSpan.FromMinutes(2), "Nobody works any more.");
        var found = Stopwatch.GetElapsedTime(began);
        report.Bar($"the queues are emptied by hand ({removed:N0} announcements): the next thousand tasks are done within {Found.TotalSeconds:F0} s", found <= Found, $"{found.TotalSeconds:F1} s");

        await stop.CancelAsync();
        await Task.WhenAll(lanes);
        report.Bar("no task was done twice", done.Values.All(times => times == 1), $"{done.Values.Count(times => times > 1)} of {done.Count:N0}");
        foreach (var (sweeper, queue) in sweepers.Zip(nodes))
        {
            await sweeper.StopAsync(default);
            sweeper.Dispose();
            await CloseAsync(queue);
        }

        await CloseAsync(api);
    }

    private static async Task LaneAsync(IWorkCatalog catalog, RabbitMqQueue queue, ConcurrentDictionary<long, int> done, ConcurrentBag<double> claims, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Announcement told;
            try
            {
                told = await queue.WaitAsync(Urgency.Background, TimeSpan.FromSeconds(5), stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var began = Stopwatch.GetTimestamp();
            if (await catalog.ClaimAsync("lane", Urgency.Background, TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(20), default) is { } task)
            {
                claims.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (told.MayBeMore)
                {
                    queue.Announce(Urgency.Background);
                }

                if (await catalog.CompleteAsync(task, TimeProvider.System.GetUtcNow(), default))
                {
                    done.AddOrUpdate(task.Id, 1, (_, times) => times + 1);
                }
            }

            told.End();
        }
    }

    private static async Task<RabbitMqQueue> OpenAsync(QueueBroker rabbit, LaneCounts? lanes)
    {
        var queue = RabbitMqSetup.Open(rabbit.Factory, new BrokerQueues("sluice"), "bench", lanes, TimeProvider.System, NullLogger<RabbitMqQueue>.Instance);
        await queue.StartAsync(default);
        await UntilAsync(() => Task.FromResult(queue.Status.IsConnected), TimeSpan.FromSeconds(60), "The broker is not reached.");
        return queue;
    }

    private static async Task CloseAsync(RabbitMqQueue queue)
    {
        await queue.StoppingAsync(default);
        await queue.StopAsync(default);
        await queue.StoppedAsync(default);
        queue.Dispose();
    }

    private static async Task<long> DepthsAsync(RabbitMqQueue queue) =>
        (await queue.DepthsAsync(default))?.Where(depth => depth.Queue != "dead").Sum(depth => depth.Waiting) ?? -1;

    private static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan patience, string otherwise)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                throw new InvalidOperationException(otherwise);
            }

            await Task.Delay(50);
        }
    }
}
