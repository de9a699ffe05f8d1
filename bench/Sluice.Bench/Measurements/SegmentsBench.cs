using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>Segments made just in time, with the token checked, beside nginx serving the same bytes as files.</summary>
internal static class SegmentsBench
{
    /// <summary>Segments of each kind; enough that no processor cache holds them, and all in the page cache.</summary>
    private const int Count = 150;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var data = workshop.NewFolder();
        await using var sluice = await SluiceServer.StartAsync(workshop, data);
        await using var nginx = await NginxServer.StartAsync(workshop);
        var title = await sluice.PublishAsync(await workshop.Films.FilmAsync());
        await Gathering.DoneAsync(data, title);
        using var viewer = new Viewer();
        var lists = await viewer.OpenAsync(title.Hls);
        var duel = new Duel(new Load(workshop), sluice, nginx);
        var rows = new List<string[]>();
        foreach (var (list, name) in lists.Zip(["video", "audio"]))
        {
            var segments = list.Segments.Take(Count).ToArray();
            var bytes = await Mirror.CopyAsync(viewer, segments, nginx);
            var result = await duel.RunAsync([.. segments.Select(s => s.PathAndQuery)], r => r.MegabytesPerSecond);
            var size = (bytes / segments.Length / 1e3).ToString("F0", CultureInfo.InvariantCulture) + " kB";
            report.Bar($"{name} segments ({size}) ≥ 0.9 × nginx", result.Ratio >= 0.9 && result.Failures == 0, $"{result.Ratio:F2} ×");
            rows.AddRange(DuelTable.Rows($"{name}, {size}", result, r => r.CpuSecondsPerGigabyte.ToString("F3", CultureInfo.InvariantCulture)));
        }

        report.Text($"{Load.Connections} connections of wrk in two threads on the same two cores, {Count} segments of each track in turn, the token in "
            + "the query of every request. nginx serves the very same bytes from files (sendfile, open_file_cache, two workers) and "
            + "checks nothing. Runs alternate; the numbers are medians of the runs, the ratio is the median of the pairs' ratios. The "
            + "sound, which lies in the file in pieces of a frame, had been gathered before, in the background.");
        report.Table(DuelTable.Header("CPU s/GB"), rows);
    }
}
