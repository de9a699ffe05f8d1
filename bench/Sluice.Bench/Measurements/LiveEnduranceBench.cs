using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Live;

namespace Sluice.Bench.Measurements;

/// <summary>Half an hour of a hundred viewers who come and go: memory that does not grow.</summary>
internal static class LiveEnduranceBench
{
    private const int Crowd = 100;
    private const int WarmMinutes = 5;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var minutes = Environment.GetEnvironmentVariable("SLUICE_BENCH_MINUTES") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 30;
        await using var origin = new LiveOrigin(await LiveFilm.MakeAsync(workshop, 2, 3));
        await using var sluice = await ChannelsServer.StartAsync(workshop, origin.Playlist);
        using var stop = new CancellationTokenSource();
        var (visits, bytes) = (0, 0L);
        var crowd = Enumerable.Range(0, Crowd).Select(n => ComeAndGoAsync(new Random(n))).ToArray();
        var memory = new List<long> { ProcessFacts.ResidentBytes(sluice.Pid) };
        var began = Stopwatch.GetTimestamp();
        for (var minute = 1; minute <= minutes; minute++)
        {
            await Task.Delay(TimeSpan.FromMinutes(minute) - Stopwatch.GetElapsedTime(began), CancellationToken.None);
            memory.Add(ProcessFacts.ResidentBytes(sluice.Pid));
        }

        await stop.CancelAsync();
        await Task.WhenAll(crowd);
        var warm = memory[Math.Min(WarmMinutes, minutes)];
        var most = memory.Skip(Math.Min(WarmMinutes, minutes)).Max();
        report.Bar("memory after minute 5 stays within 10 %", most <= warm * 1.1, $"{warm / 1e6:F0} MB, at most {most / 1e6:F0} MB");
        report.Text($"{minutes} minutes, {Crowd} viewers at a time, each for 1 to 60 s; {visits} visits, {bytes / 1e9:F1} GB.");
        report.Table(["minute", "RSS"], memory.Select((m, n) => new[] { n.ToString(CultureInfo.InvariantCulture), $"{m / 1e6:F0} MB" }));

        async Task ComeAndGoAsync(Random random)
        {
            while (!stop.IsCancellationRequested)
            {
                using var visit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                visit.CancelAfter(TimeSpan.FromSeconds(1 + (random.NextDouble() * 59)));
                using var viewer = new TsViewer();
                await viewer.WatchAsync(sluice.Channel(0), visit.Token);
                Interlocked.Increment(ref visits);
                Interlocked.Add(ref bytes, viewer.Bytes);
            }
        }
    }
}
