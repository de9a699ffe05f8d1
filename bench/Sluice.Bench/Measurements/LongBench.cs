using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>A title of eleven hours costs seconds and little memory to index, and its last segment what its first does.</summary>
internal static class LongBench
{
    private const int Rounds = 200;

    /// <summary>When the runtime compiles what, and collects its garbage, differs from one process to the next by some megabytes.</summary>
    private const int Servers = 5;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var film = await workshop.Films.ElevenHoursAsync();
        var peaks = new List<double>();
        while (peaks.Count < Servers - 1)
        {
            peaks.Add(await PeakOfAsync(workshop, film));
        }

        var data = workshop.NewFolder();
        await using var sluice = await SluiceServer.StartAsync(workshop, data);
        var idle = ProcessFacts.ResidentBytes(sluice.Pid);
        var title = await sluice.PublishAsync(film);
        var peak = ProcessFacts.PeakBytes(sluice.Pid);
        peaks.Add(peak);
        await Gathering.DoneAsync(data, title);
        var gathered = ProcessFacts.PeakBytes(sluice.Pid);
        using var viewer = new Viewer();
        var lists = await viewer.OpenAsync(title.Hls);
        var rows = new List<string[]>();
        var worst = 0.0;
        foreach (var (list, name) in lists.Zip(["video", "audio"]))
        {
            // The very last segment is shorter than the others, so the one before it is asked for as well.
            var count = list.Segments.Count;
            int[] numbers = [1, count / 2, count - 1, count];
            var costs = await MeasureAsync(sluice.Pid, viewer, [.. numbers.Select(n => list.Segments[n - 1])]);
            rows.AddRange(numbers.Zip(costs, (n, c) => new[]
            {
                $"{name} {n} of {count}", $"{c.Bytes}", c.P50.ToString("F3", CultureInfo.InvariantCulture) + " ms",
                c.Reads.ToString("F1", CultureInfo.InvariantCulture), c.ReadBytes.ToString("F0", CultureInfo.InvariantCulture),
            }));
            worst = Math.Max(worst, costs[2].P50 / costs[0].P50);
        }

        var playlist = await PlaylistAsync(viewer, lists[0].Address);
        report.Bar("indexed in seconds", title.AnswerAfter.TotalSeconds <= 5, $"{title.AnswerAfter.TotalSeconds:F2} s");
        report.Bar(
            $"highest RSS of the server until the answer < 100 MB (median of {Servers} servers)", peaks.Median() < 100e6,
            $"{peaks.Median() / 1e6:F0} MB (all: {string.Join(", ", peaks.Order().Select(p => (p / 1e6).ToString("F0", CultureInfo.InvariantCulture)))})");
        report.Bar("last full segment costs what the first does (p50, ± 15 %)", worst <= 1.15, $"{worst:F2} ×");
        report.Text($"Eleven hours, {title.SizeBytes / 1e6:F0} MB, 1 188 000 video samples with B-frames and an AAC track. The index is made "
            + $"in {title.AnswerAfter.TotalMilliseconds:F0} ms, from the last byte of the upload to the answer 201, during which the server's "
            + $"memory rose from {idle / 1e6:F0} to {peak / 1e6:F0} MB; gathering the sound in the background brought it to {gathered / 1e6:F0} MB. The media playlist of {lists[0].Segments.Count} segments has {playlist.Bytes} bytes with the "
            + $"token in each URL: {playlist.FirstMilliseconds:F1} ms the first time, {playlist.P50:F1} ms after (p50 of {Rounds}).");
        report.Text($"Segments, {Rounds} requests each, one after the other in turn; reads and bytes read are the kernel's counts for the "
            + "server process, a request.");
        report.Table(["segment", "bytes", "p50", "reads", "bytes read"], rows);
    }

    private static async Task<double> PeakOfAsync(Workshop workshop, string film)
    {
        var data = workshop.NewFolder();
        await using var sluice = await SluiceServer.StartAsync(workshop, data);
        var title = await sluice.PublishAsync(film);
        var peak = ProcessFacts.PeakBytes(sluice.Pid);
        (await sluice.Http.DeleteAsync($"api/v1/media/{title.Id}")).Dispose();
        return peak;
    }

    private static async Task<List<Cost>> MeasureAsync(int pid, Viewer viewer, Uri[] addresses)
    {
        var times = addresses.Select(_ => new List<double>()).ToArray();
        for (var round = -10; round < Rounds; round++)
        {
            for (var i = 0; i < addresses.Length; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await viewer.GetAsync(addresses[i]);
                if (round >= 0)
                {
                    times[i].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            }
        }

        var costs = new List<Cost>();
        for (var i = 0; i < addresses.Length; i++)
        {
            var before = ProcessFacts.Reads(pid);
            var bytes = 0;
            for (var round = 0; round < Rounds; round++)
            {
                bytes = (await viewer.GetAsync(addresses[i])).Length;
            }

            var after = ProcessFacts.Reads(pid);
            costs.Add(new Cost(
                bytes, times[i].Median(), (double)(after.Calls - before.Calls) / Rounds, (double)(after.Bytes - before.Bytes) / Rounds));
        }

        return costs;
    }

    private static async Task<(int Bytes, double FirstMilliseconds, double P50)> PlaylistAsync(Viewer viewer, Uri address)
    {
        // The first time was when the viewer opened the title; another query has the same template, so time it apart.
        var times = new List<double>();
        var bytes = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            bytes = (await viewer.GetAsync(address)).Length;
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (bytes, times[0], times.Median());
    }

    private sealed record Cost(int Bytes, double P50, double Reads, double ReadBytes);
}
