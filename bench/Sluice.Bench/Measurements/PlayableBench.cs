using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Measurements;

/// <summary>How soon after its upload a film that must be encoded plays, at its start and in its middle, beside PyHLS's own command.</summary>
internal static class PlayableBench
{
    private const double Limit = 4000;
    private const double SeekTo = 0.8;
    private const int Rounds = 3;

    /// <summary>PyHLS answers when the whole file is encoded; so long its command is watched, and the rest is reckoned.</summary>
    private static readonly TimeSpan PeerTime = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var films = new EncodeFilms(workshop.Films);
        var rows = new List<string[]>();
        foreach (var (name, path) in await films.TenMinutesAsync())
        {
            rows.Add(await MeasureAsync(workshop, report, $"{name}, 10 min", path, 600));
        }

        rows.Add(await MeasureAsync(workshop, report, "HEVC 10-bit, AC-3, Matroska, 2 h", await films.HevcAsync(120), 7200));
        report.Text($"1920x1080 with motion and noise, 24 frames a second, uploaded over loopback to a server just started, the disk at rest; medians of {Rounds}. The clock starts when the "
            + "kernel has taken the last byte. \"First segment\" is when a new client has read the multivariant playlist, all media playlists, and init and "
            + "first segment of the best picture (1080p) and of the sound. \"Seek\" is a new upload of the same file, from the request for the segment at 80 % "
            + "of the best picture and of the sound until both are there. PyHLS's command (`-c:v libx264 -c:a aac -hls_time 10 -hls_list_size 0`) is watched "
            + $"for {PeerTime.TotalSeconds:F0} s on the same machine with nothing else running; it has nothing to play before its end, which is reckoned from its pace.");
        report.Table(["", "answer 201", "first segment", "seek to 80 %", "PyHLS plays after"], rows);
    }

    private static async Task<string[]> MeasureAsync(Workshop workshop, Report report, string name, string path, double seconds)
    {
        var peer = await PeerAsync(workshop, path, seconds);
        var starts = new List<(double Answer, double Segment)>();
        var seeks = new List<(double Answer, double Segment)>();
        for (var round = 0; round < Rounds; round++)
        {
            starts.Add(await UploadAsync(workshop, path, 0));
            seeks.Add(await UploadAsync(workshop, path, SeekTo));
        }

        var (answer, first, seek) = (starts.Select(s => s.Answer).Median(), starts.Select(s => s.Segment).Median(), seeks.Select(s => s.Segment).Median());
        report.Bar($"{name}: first segment ≤ 4 s", first <= Limit, Milliseconds(first));
        report.Bar($"{name}: seek to 80 % ≤ 4 s", seek <= Limit, Milliseconds(seek));
        return [name, Milliseconds(answer), Milliseconds(first), Milliseconds(seek), $"{peer:F0} s"];
    }

    private static async Task<(double Answer, double Segment)> UploadAsync(Workshop workshop, string path, double part)
    {
        await Tool.RunAsync("sync", []); // What the upload before left for the disk to do must not be done in the time of this one.
        await using var sluice = await SluiceServer.StartAsync(workshop, workshop.NewFolder());
        using var viewer = new Viewer();
        var title = await sluice.PublishAsync(path);
        var began = part > 0 ? Stopwatch.GetTimestamp() : title.LastByteAt;
        var lists = await viewer.OpenAsync(title.Hls);
        await Task.WhenAll(new[] { lists[^1], lists.First(l => l.IsVideo) }.Select(async list =>
        {
            await viewer.GetAsync(list.Init);
            await viewer.GetPatientlyAsync(list.Segments[(int)(part * list.Segments.Count)]);
        }));
        return (title.AnswerAfter.TotalMilliseconds, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    private static async Task<double> PeerAsync(Workshop workshop, string path, double seconds)
    {
        var folder = workshop.NewFolder();
        using var process = Tool.Start("ffmpeg", [
            "-nostdin", "-v", "error", "-progress", "pipe:1", "-i", path, "-c:v", "libx264", "-c:a", "aac", "-hls_time", "10", "-hls_list_size", "0",
            "-f", "hls", Path.Combine(folder, "playlist.m3u8")]);
        process.BeginErrorReadLine();
        var began = Stopwatch.GetTimestamp();
        double done = 0;
        while (Stopwatch.GetElapsedTime(began) < PeerTime && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            done = line.StartsWith("out_time_us=", StringComparison.Ordinal)
                && long.TryParse(line[12..], NumberStyles.Integer, CultureInfo.InvariantCulture, out var us) ? us / 1e6 : done;
        }

        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        process.Kill();
        await process.WaitForExitAsync();
        return done > 0 ? took * seconds / done : double.NaN;
    }

    private static string Milliseconds(double value) => value.ToString("F0", CultureInfo.InvariantCulture) + " ms";
}
