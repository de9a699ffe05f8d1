using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Cluster;
using static Sluice.Bench.Cluster.ClusterOrdeal;

namespace Sluice.Bench.Measurements;

/// <summary>Two api nodes and two workers, each in a network of its own, encode short titles while nodes, services and networks come and go.</summary>
internal static class ClusterBench
{
    private const int Seconds = 8;
    private const string Size = "320x180";
    private const int MostUnderWay = 12;
    private const int Viewers = 4;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    /// <summary>All titles are done by then, or something hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(45);

    private static int Titles => int.Parse(Environment.GetEnvironmentVariable("SLUICE_BENCH_TITLES") ?? "100", CultureInfo.InvariantCulture);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        using var interruption = new Interruption();
        var ct = interruption.Token;
        var films = await ClusterFilms.MakeAsync(workshop.Films, "cluster", Size, Seconds, Titles);
        var logs = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "sluice-bench-cluster")).FullName;
        await using var network = await ClusterNetwork.OpenAsync();
        await using var services = await ClusterServices.StartAsync(workshop, ClusterNetwork.Host, ClusterNetwork.Range);
        var nodes = new List<ClusterNode>();
        File.Delete(Path.Combine(logs, "ordeal.log"));
        try
        {
            for (var number = 1; number <= 4; number++)
            {
                File.Delete(Path.Combine(logs, $"node-{number}.log"));
                await ClusterNetwork.AddAsync(number);
                nodes.Add(new ClusterNode(workshop, logs, number, isWorker: number > 2, services.Settings));
                nodes[^1].Start();
                await nodes[^1].ReadyAsync(TimeSpan.FromMinutes(1)); // The first one makes the schema and the key.
            }

            await RunAsync(report, services, nodes, films, new NodeLog(Path.Combine(logs, "ordeal.log")), ct);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task RunAsync(Report report, ClusterServices services, List<ClusterNode> nodes, IReadOnlyList<string> films, NodeLog log, CancellationToken ct)
    {
        Uri[] apis = [.. nodes.Where(node => !node.IsWorker).Select(node => node.Address)];
        var catalog = new ClusterCatalog(services.Database.ConnectionString);
        await catalog.WatchAsync();
        using var library = new ClusterLibrary(apis, nodes[0].Log.OperatorKey ?? throw new InvalidOperationException("The first node told no operator key."), catalog);
        var viewer = new ClusterViewer(apis, library);
        var ledger = new ClusterLedger(services, catalog, library);
        var ordeal = new ClusterOrdeal(services, nodes, log);
        var ghost = new ClusterGhost(catalog, services.Database.Url);
        var began = Stopwatch.GetTimestamp();
        using (var calm = CancellationTokenSource.CreateLinkedTokenSource(ct))
        {
            var striking = ordeal.RunAsync(calm.Token);
            var haunting = ghost.RunAsync(calm.Token);
            var watching = Enumerable.Range(0, Viewers).Select(_ => viewer.RunAsync(calm.Token)).ToArray();
            try
            {
                await AddAllAsync(library, ledger, films, began, ct);
            }
            finally
            {
                await calm.CancelAsync();
                await striking;
                await haunting;
                await Task.WhenAll(watching);
            }
        }

        var took = Stopwatch.GetElapsedTime(began);
        await Console.Error.WriteLineAsync($"bench: all is done after {took.TotalSeconds:F0} s; looking at what is there");
        foreach (var node in nodes)
        {
            await node.ReadyAsync(TimeSpan.FromMinutes(1));
        }

        var bucket = await ledger.BucketAsync(ct);
        var titles = await ledger.TitlesAsync();
        var chunks = await ledger.ChunksAsync();
        var unplayable = await ledger.PlayAsync(apis, Seconds, ct);
        var stopped = (await Task.WhenAll(nodes.Select(node => node.StopAsync()))).OfType<string>().ToArray();
        string[] processes = [.. (await Task.WhenAll(nodes.Select(async node => (await ClusterNetwork.ProcessesAsync(node.Number)).Select(pid => $"process {pid} of {node.Name}")))).SelectMany(p => p)];
        string[] left = [.. bucket.Faults, .. await ledger.QueuesAsync(), .. await ledger.RowsAsync(), .. processes, .. nodes.SelectMany(node => node.Leavings())];
        var orphans = nodes.Sum(node => node.Orphans);
        var (refusals, losses) = (nodes.Sum(node => node.Log.Refusals), nodes.Sum(node => node.Log.Losses));

        report.Bar($"all {films.Count} titles end complete", titles.Count == 0 && library.Titles.Count == films.Count, Said(titles, $"{library.Titles.Count} ready"));
        report.Bar("every title plays whole at both api nodes", unplayable.Count == 0, Said(unplayable, $"{library.Titles.Count} × {apis.Length}, all frames"));
        report.Bar("each chunk is published once", chunks.Faults.Count == 0 && chunks.Published > 0, Said(chunks.Faults, $"{chunks.Published} chunks"));
        report.Bar("late chunks are refused by their token", ghost is { Refused: > 0, Taken: 0 }, $"{ghost.Refused} refused, {ghost.Taken} taken");
        report.Bar("no viewer request waits over 15 s", viewer.Requests > 0 && viewer.Longest.Took <= LongestWait, $"{viewer.Longest.Took.TotalSeconds:F1} s at most of {viewer.Requests} requests");
        report.Bar("no viewer gets anything but what it asked for, or is told to come back", viewer.Complaints.Count == 0, Said([.. viewer.Complaints], $"{viewer.Segments} segments"));
        report.Bar("nothing is left in queues, store, catalog and process table", left.Length == 0, Said(left, $"{bucket.Objects} objects, as the catalog names them"));
        report.Bar("no encoder outlives its node", orphans == 0, $"{orphans}");
        report.Bar("nodes stop when they are told to", stopped.Length == 0, Said(stopped, "exit code 0"));
        report.Text($"{films.Count} films of {Seconds} s, {Size}, MPEG-4 and MP3 in Matroska, uploaded through whichever api node, at most {MostUnderWay} unfinished at a time. Two nodes `api, live` and two nodes `worker`, each with its "
            + "own data folder in a network namespace of its own, PostgreSQL, RabbitMQ and Swift's S3 at the bridge between them. Every 3 to 6 s one of these, in random order: "
            + $"kill -9 of any node ({ordeal[Blow.Kill]}, {ordeal.WorkerKills} of them workers), restart of the broker ({ordeal[Blow.Broker]}, SIGTERM and SIGKILL in turn), restart of the database ({ordeal[Blow.Database]}, fast and immediate in turn), "
            + $"a worker without network for 26 to 30 s ({ordeal[Blow.Cut]}), a worker halted for as long while its encoders go on ({ordeal[Blow.Halt]}). A node that ends is started again after 2 s. It took {took.TotalSeconds:F0} s.");
        report.Text($"{Viewers} viewers asked for playlists and segments of random titles, each request at a random api node: {viewer.Requests} requests, {viewer.Segments} segments ({viewer.Different} different ones), {viewer.Refused} times "
            + $"told to come back, {viewer.Cut} times there was no node or the kill cut the answer off. The longest request was for {viewer.Longest.What}; the longest until something came, over all requests for it, {viewer.LongestInAll.TotalSeconds:F1} s. "
            + $"{library.Repeated} uploads were cut off or refused and done again. Chunks are counted by a trigger in the database; the bucket is looked at until it holds what the catalog names and nothing else, for 90 s at most: {bucket.Took.TotalSeconds:F0} s. "
            + $"Late chunks are published with the token of a worker that lost its task, as soon as another one has that; workers that came back were refused {refusals} chunks themselves, and gave {losses} tasks up. "
            + $"Nodes ended {nodes.Sum(node => node.Troubles.Count)} times without being killed (a node does not start while the database is away).");
        await Console.Error.WriteLineAsync(string.Join('\n', [.. titles, .. unplayable, .. chunks.Faults, .. viewer.Complaints.Distinct().Take(30), .. left, .. stopped, .. nodes.SelectMany(node => node.Troubles), .. library.Complaints.Take(20)]));
    }

    /// <summary>Uploads them one after the other, and waits until all work is done.</summary>
    private static async Task AddAllAsync(ClusterLibrary library, ClusterLedger ledger, IReadOnlyList<string> films, long began, CancellationToken ct)
    {
        var next = 0;
        while (true)
        {
            var (ready, open) = await ledger.ProgressAsync();
            if (next == films.Count && ready >= films.Count && open == 0)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                await Console.Error.WriteLineAsync($"bench: {ready} of {next} titles are ready and {open} jobs open after {Limit.TotalMinutes} minutes; that is enough");
                return;
            }

            if (next < films.Count && next - ready < MostUnderWay)
            {
                await library.AddAsync(films[next++], ct);
                continue;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), ct);
        }
    }

    private static string Said(IReadOnlyList<string> faults, string otherwise) => faults.Count == 0 ? otherwise : $"{faults.Count}: {string.Join("; ", faults.Take(3))}".Replace('|', '/');
}
