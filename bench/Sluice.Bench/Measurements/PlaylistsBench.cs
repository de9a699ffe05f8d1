using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>Playlists made per request, with the viewer's token in every URL, beside nginx serving the same bytes as files.</summary>
internal static class PlaylistsBench
{
    public static async Task RunAsync(Workshop workshop, Report report)
    {
        await using var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder());
        await using var nginx = await NginxServer.StartAsync(workshop);
        using var viewer = new Viewer();
        var duel = new Duel(new Load(workshop), sluice, nginx);
        var rows = new List<string[]>();
        foreach (var film in new[] { await workshop.Films.FilmAsync(), await workshop.Films.ClipAsync() })
        {
            var title = await sluice.PublishAsync(film);
            var list = (await viewer.OpenAsync(title.Hls))[0];
            var bytes = await Mirror.CopyAsync(viewer, [list.Address], nginx);
            var result = await duel.RunAsync([list.Address.PathAndQuery], r => r.RequestsPerSecond);
            var size = (bytes / 1e3).ToString("F0", CultureInfo.InvariantCulture) + " kB";
            report.Bar(
                $"playlist of {list.Segments.Count} segments ({size}) ≥ 0.5 × nginx",
                result.Ratio >= 0.5 && result.Failures == 0, $"{result.Ratio:F2} ×");
            rows.AddRange(DuelTable.Rows(
                $"{list.Segments.Count} segments, {size}", result,
                r => r.CpuMicrosecondsPerRequest.ToString("F1", CultureInfo.InvariantCulture)));
        }

        report.Text($"{Load.Connections} connections of wrk in two threads on the same two cores. Ours is rendered for each request with the token in "
            + "each URL, after the token was checked; nginx serves the very same bytes from a file (sendfile, open_file_cache, two "
            + "workers). Runs alternate; the numbers are medians of the runs, the ratio is the median of the pairs' ratios.");
        report.Table(DuelTable.Header("CPU µs/request"), rows);
    }
}
