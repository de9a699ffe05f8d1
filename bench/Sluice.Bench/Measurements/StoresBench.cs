using System.Globalization;
using Sluice.Bench.Stores;

namespace Sluice.Bench.Measurements;

/// <summary>Segments of a bucket and of a key-value store, kept on the disk of who passes them on, beside nginx's <c>proxy_cache</c> of the very same objects.</summary>
internal static class StoresBench
{
    private const double LeastRatio = 0.8;
    private const long MostAddedBytes = 100_000_000;
    private const int LargeValues = 42;
    private const int SmallValues = 100;
    private const int SmallBytes = 50_000;
    private const int Megabyte = 1_000_000;
    private const long KvCacheBytes = 1L << 30;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var rows = new List<string[]>();
        var slow = new List<string[]>();
        await using (var swift = await SwiftServer.StartAsync(workshop))
        await using (var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder(), swift.Settings))
        await using (var nginx = await CachingProxy.StartAsync(workshop, sluice.Http.BaseAddress!))
        {
            var title = await sluice.PublishAsync(await workshop.Films.TenMinutesAsync());
            using var viewer = new Viewer();
            var lists = await viewer.OpenAsync(title.Hls);
            await MeasureAsync(workshop, report, rows, slow, new StoreScene(
                "S3", sluice, nginx, [.. lists[0].Segments.Select(s => s.PathAndQuery)], [.. lists[1].Segments.Select(s => s.PathAndQuery)]));
        }

        await using (var node = await KvOrigin.StartAsync(workshop))
        await using (var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder(), node.Settings(KvCacheBytes)))
        await using (var nginx = await CachingProxy.StartAsync(workshop, node))
        {
            await MeasureAsync(workshop, report, rows, slow, new StoreScene(
                "Pipe KV", sluice, nginx,
                await node.MakeAsync("film", Enumerable.Range(0, LargeValues).Select(i => (1 + (i % 6)) * Megabyte)),
                await node.MakeAsync("sound", Enumerable.Repeat(SmallBytes, SmallValues))));
        }

        report.Text($"{Load.Connections} connections of wrk in two threads on the same two cores, with keep-alive. S3: ten minutes of 720p in a bucket of "
            + "OpenStack Swift, every segment in Sluice's block cache; nginx keeps the finished segments that Sluice gave it, and checks no token, which Sluice does "
            + $"for each request. Pipe KV: {LargeValues} values of 1 to 6 MB and {SmallValues} of {SmallBytes / 1000} kB at a node behind TLS, which both pass on from "
            + "`/ts/NAME` and keep. Before, every object was fetched from both: the bytes are the same, and nginx's are hits of its cache "
            + "(`proxy_cache_lock`, `sendfile`, `open_file_cache`, two workers). Runs alternate; the numbers are medians of the runs, the ratio is the "
            + "median of the pairs' ratios. Small segments alone are shown because they are the worst case, and no bar: what they cost is the request, of "
            + "which nginx makes less, and a player fetches a large one beside each.");
        report.Table(DuelTable.Header("CPU s/GB"), rows);
        report.Text($"{SlowReaders.Count} readers, each with a large segment under way, of which it takes {SlowReaders.BytesPerSecond / 1000} kB a second for "
            + $"{SlowReaders.Watched.TotalSeconds:F0} s into a socket buffer of 16 kB. Resident memory of all processes of the server, after the caches were filled and at its highest:");
        report.Table(["", "idle", "highest", "added", "taken by the readers"], slow);
    }

    private static async Task MeasureAsync(Workshop workshop, Report report, List<string[]> rows, List<string[]> slow, StoreScene scene)
    {
        var (large, small) = await scene.WarmAsync();
        await Task.Delay(TimeSpan.FromSeconds(2)); // What was made for that is given back.
        var ours = await SlowReaders.RunAsync(scene.Sluice.Http.BaseAddress!, scene.Sluice.Pid, scene.Large);
        var theirs = await SlowReaders.RunAsync(scene.Nginx.Address, scene.Nginx.Pid, scene.Large);
        report.Bar(
            $"{scene.Name}: {SlowReaders.Count} slow readers ≤ {Megabytes(MostAddedBytes)} above idle", ours.AddedBytes <= MostAddedBytes, Megabytes(ours.AddedBytes));
        slow.Add(Row($"{scene.Name}: Sluice", ours));
        slow.Add(Row($"{scene.Name}: nginx", theirs));

        var duel = new Duel(new Load(workshop), scene.Sluice, scene.Nginx);
        var inTurn = scene.Large.Zip(scene.Small).SelectMany(pair => new[] { pair.First, pair.Second }).ToArray();
        foreach (var (name, paths, bytes, held) in new[]
        {
            ("large", scene.Large, large, true), ("large and small in turn", inTurn, (large + small) / 2, true), ("small", scene.Small, small, false),
        })
        {
            var what = $"{scene.Name}, {name}, {(bytes / 1e3).ToString("F0", CultureInfo.InvariantCulture)} kB";
            var result = await duel.RunAsync(paths, r => r.MegabytesPerSecond);
            if (held || result.Failures > 0)
            {
                report.Bar(
                    $"{what} a segment ≥ {LeastRatio.ToString(CultureInfo.InvariantCulture)} × nginx's proxy_cache",
                    result.Ratio >= LeastRatio && result.Failures == 0,
                    string.Create(CultureInfo.InvariantCulture, $"{result.Ratio:F2} ×") + (result.Failures == 0 ? "" : $", {result.Failures} failures"));
            }

            rows.AddRange(DuelTable.Rows(what, result, r => r.CpuSecondsPerGigabyte.ToString("F3", CultureInfo.InvariantCulture)));
        }
    }

    private static string[] Row(string what, SlowReading reading) =>
        [what, Megabytes(reading.IdleBytes), Megabytes(reading.PeakBytes), Megabytes(reading.AddedBytes), Megabytes(reading.TakenBytes)];

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F0", CultureInfo.InvariantCulture) + " MB";
}
