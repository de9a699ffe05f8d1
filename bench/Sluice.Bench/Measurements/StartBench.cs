using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>How long a start takes, and what the server holds when nobody watches and after somebody did.</summary>
internal static class StartBench
{
    private const int Starts = 10;
    private const int SegmentRequests = 1000;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var first = new List<double>();
        var again = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            var data = workshop.NewFolder();
            first.Add(await StartAsync(workshop, data));
            again.Add(await StartAsync(workshop, data));
        }

        await using var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder());
        await Task.Delay(TimeSpan.FromSeconds(5));
        var idle = ProcessFacts.ResidentBytes(sluice.Pid);
        var title = await sluice.PublishAsync(await workshop.Films.ClipAsync());
        using var viewer = new Viewer();
        var lists = await viewer.OpenAsync(title.Hls);
        var segments = lists.SelectMany(l => l.Segments).ToArray();
        for (var i = 0; i < SegmentRequests; i++)
        {
            await viewer.GetAsync(segments[i % segments.Length]);
        }

        await Task.Delay(TimeSpan.FromSeconds(5));
        var watched = ProcessFacts.ResidentBytes(sluice.Pid);
        report.Bar("start ≤ 500 ms, second and later starts", again.Median() <= 500, Milliseconds(again.Median()));
        report.Bar("start ≤ 500 ms, on an empty data folder", first.Median() <= 500, Milliseconds(first.Median()));
        report.Bar("idle RSS ≤ 100 MB", idle <= 100e6, Megabytes(idle));
        report.Text($"From the start of the process to the first 200 of `/health`; medians of {Starts} starts. Memory 5 s after the "
            + $"start, and 5 s after an upload of {title.SizeBytes / 1e6:F0} MB and {SegmentRequests} segment requests.");
        report.Table(["", "median", "fastest", "slowest"], [
            ["empty data folder", Milliseconds(first.Median()), Milliseconds(first.Min()), Milliseconds(first.Max())],
            ["existing data folder", Milliseconds(again.Median()), Milliseconds(again.Min()), Milliseconds(again.Max())],
        ]);
        report.Table(["memory", "RSS"], [
            ["idle", Megabytes(idle)],
            ["after use", Megabytes(watched)],
            ["highest so far", Megabytes(ProcessFacts.PeakBytes(sluice.Pid))],
        ]);
    }

    private static async Task<double> StartAsync(Workshop workshop, string data)
    {
        await using var server = await SluiceServer.StartAsync(workshop, data);
        return server.StartTime.TotalMilliseconds;
    }

    private static string Milliseconds(double value) => value.ToString("F0", CultureInfo.InvariantCulture) + " ms";

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F0", CultureInfo.InvariantCulture) + " MB";
}
