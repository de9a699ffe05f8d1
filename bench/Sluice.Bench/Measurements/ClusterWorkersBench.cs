using System.Globalization;
using Sluice.Bench.Cluster;

namespace Sluice.Bench.Measurements;

/// <summary>How much faster two workers with a core each are than one: the same titles, in turns, over one database, broker and bucket.</summary>
internal static class ClusterWorkersBench
{
    private const double LeastRatio = 1.85;
    private const int Seconds = 16;
    private const string Size = "1920x1080";
    private static readonly int[] Turns = [2, 1, 2];
    private static readonly int Films = int.Parse(Environment.GetEnvironmentVariable("SLUICE_BENCH_TITLES") ?? "24", CultureInfo.InvariantCulture);

    /// <summary>Of a chunk: as those of titles that play as they are. Each is put, read, gathered and removed, which costs the bucket's server a fortieth of a second.</summary>
    private const int ChunkSeconds = 6;

    /// <summary>Between two looks at the work: each costs the cores that are measured.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var films = await ClusterFilms.MakeAsync(workshop.Films, "workers", Size, Seconds, Films);
        var turns = new List<Turn>();
        foreach (var workers in Turns)
        {
            turns.Add(await RunAsync(workshop, films, workers));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"bench: {workers} workers: {turns[^1].Took.TotalSeconds:F1} s, {turns[^1]}"));
        }

        double Median(int workers) => turns.Where(turn => turn.Workers == workers).Select(turn => turn.Took.TotalSeconds).Median();
        var ratio = Median(1) / Median(2);
        report.Bar(
            $"two workers with a core each ≥ {LeastRatio.ToString(CultureInfo.InvariantCulture)} × one worker with a core", ratio >= LeastRatio,
            string.Create(CultureInfo.InvariantCulture, $"{ratio:F2} ×, {Median(1):F1} s and {Median(2):F1} s"));
        report.Text($"{Films} films of {Seconds} s, {Size} with {ClusterFilms.FrameRate} frames a second, MPEG-4 and MP3 in Matroska, are uploaded to a node that is `api, live`; they are encoded in chunks of {ChunkSeconds} s with the preset and the ladder that are the default. Then the workers start, each with its encoders on one core (`taskset`), "
            + "and the clock with them: from the moment at which all of them are ready to the end of the last job, pictures and storyboards too, by the times that are in the catalog. Each turn has an empty database, broker and bucket. "
            + "PostgreSQL, RabbitMQ, Swift, the api node and the bench itself are on the same two cores, wherever the kernel puts them: beside one worker they have a core to themselves, two workers they disturb. "
            + "So two workers on machines of their own are nearer to 2 than this.");
        report.Table(
            ["workers", "s", "core 0 busy", "core 1 busy", "encoders, CPU s", "workers themselves, CPU s", .. turns[0].Use.Services.Keys.Select(name => name + ", CPU s"), "all else, CPU s"],
            turns.Select(turn => turn.Row()));
    }

    private static async Task<Turn> RunAsync(Workshop workshop, IReadOnlyList<string> films, int count)
    {
        using var interruption = new Interruption();
        await using var services = await ClusterServices.StartAsync(workshop, "127.0.0.1", null);
        (string, string)[] settings = [.. services.Settings, ("SLUICE__TRANSCODE__CHUNKSECONDS", $"{ChunkSeconds}")];
        await using var api = await SluiceServer.StartAsync(
            workshop, workshop.NewFolder(), [.. settings, ("SLUICE__ROLES", "api,live"), ("SLUICE__INGEST__DURABLE", "false")]);
        var catalog = new ClusterCatalog(services.Database.ConnectionString);
        foreach (var film in films)
        {
            interruption.Token.ThrowIfCancellationRequested();
            await api.PublishAsync(film);
        }

        await Task.Delay(Look, interruption.Token); // What an upload leaves to do is done.
        var watched = new[] { ("PostgreSQL", services.Database.Pid), ("RabbitMQ", services.Broker.Pid), ("Swift", services.Bucket.Pid), ("api node", api.Pid) };
        var workers = Enumerable.Range(0, count).Select(core => PinnedWorker.Start(workshop, core, settings)).ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.ReadyAsync()));
            var began = DateTimeOffset.UtcNow;
            var before = CoreUse.Now(workers.Select(worker => worker.Pid), watched);
            while (await catalog.CountAsync("SELECT count(*) FROM jobs WHERE finished_at IS NULL") > 0)
            {
                if (DateTimeOffset.UtcNow - began > Limit)
                {
                    throw new InvalidOperationException($"{count} workers are not done after {Limit.TotalMinutes} minutes.");
                }

                await Task.Delay(Look, interruption.Token);
            }

            var use = CoreUse.Now(workers.Select(worker => worker.Pid), watched).Since(before);
            var failed = await catalog.CountAsync("SELECT count(*) FROM jobs WHERE state <> 'done'") + await catalog.CountAsync("SELECT count(*) FROM assets WHERE state <> 'ready'");
            if (failed > 0)
            {
                throw new InvalidOperationException($"{failed} titles or jobs have failed.");
            }

            var ended = DateTimeOffset.UnixEpoch.AddTicks(await catalog.CountAsync("SELECT max(finished_at) FROM jobs") * TimeSpan.TicksPerMicrosecond);
            return new Turn(count, ended - began, use);
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }
        }
    }

    /// <summary>One turn.</summary>
    private sealed record Turn(int Workers, TimeSpan Took, CoreUse Use)
    {
        public string[] Row() =>
        [
            $"{Workers}", Number(Took.TotalSeconds), .. Use.Busy.Take(2).Select(core => Number(core / Took.TotalSeconds * 100) + " %"), Number(Use.Encoders), Number(Use.Workers),
            .. Use.Services.Values.Select(Number), Number(Use.Busy.Sum() - Use.Encoders - Use.Workers - Use.Services.Values.Sum()),
        ];

        public override string ToString() => string.Join(" | ", Row());

        private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
    }
}
