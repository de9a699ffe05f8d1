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
        var video = lists[0].Segments.Take(Count).ToArray();
        var audio = lists[1].Segments.Take(Count).ToArray();
        var asPlayed = video.Zip(audio).SelectMany(pair => new[] { pair.First, pair.Second }).ToArray();
        foreach (var (segments, name, held) in new[] { (asPlayed, "video and audio in turn", true), (video, "video alone", true), (audio, "audio alone", false) })
        {
            var bytes = await Mirror.CopyAsync(viewer, segments, nginx);
            var result = await duel.RunAsync([.. segments.Select(s => s.PathAndQuery)], r => r.MegabytesPerSecond);
            var size = (bytes / segments.Length / 1e3).ToString("F0", CultureInfo.InvariantCulture) + " kB";
            if (held)
            {
                report.Bar($"{name} ({size} a segment) ≥ 0.9 × nginx", result.Ratio >= 0.9 && result.Failures == 0, $"{result.Ratio:F2} ×");
            }

            rows.AddRange(DuelTable.Rows($"{name}, {size}", result, r => r.CpuSecondsPerGigabyte.ToString("F3", CultureInfo.InvariantCulture)));
        }

        report.Text($"{Load.Connections} connections of wrk in two threads on the same two cores, {Count} segments of each track, the token in "
            + "the query of every request. nginx serves the very same bytes from files (sendfile, open_file_cache, two workers) and "
            + "checks nothing. Runs alternate; the numbers are medians of the runs, the ratio is the median of the pairs' ratios. The "
            + "sound, which lies in the file in pieces of a frame, had been gathered before, in the background. A player fetches a "
            + "segment of each in turn, so that is the bar; sound alone is shown because it is the worst case: its segments are so small "
            + "that the cost is the request, not the bytes.");
        report.Table(DuelTable.Header("CPU s/GB"), rows);
    }
}
