using System.Globalization;
using Sluice.Bench.Live;
using Sluice.Tests;

namespace Sluice.Bench.Measurements;

/// <summary>Ten minutes of a channel whose origin fails in every way, as a strict receiver and as ffmpeg see it; and a hundred viewers who come in
/// at any moment of it. Twice at the same time: with a key picture every 2 s, and every 8 s.</summary>
internal static class LiveValidBench
{
    private const int Joiners = 100;
    private const int JoinBytes = 3 << 20;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var minutes = Environment.GetEnvironmentVariable("SLUICE_BENCH_MINUTES") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture) : 10;
        var captures = await Task.WhenAll(
            CaptureAsync(workshop, await LiveFilm.MakeAsync(workshop, 2, 2, "medium"), TimeSpan.FromMinutes(minutes)),
            CaptureAsync(workshop, await LiveFilm.MakeAsync(workshop, 8, 2, "medium"), TimeSpan.FromMinutes(minutes)));
        foreach (var (gop, bytes, check, said, joins) in captures)
        {
            report.Bar($"{gop} s from key picture to key picture: nothing wrong for a strict receiver", check.Problems.Count == 0, $"{check.Problems.Count} faults");
            report.Bar($"{gop} s: tables at most 0.5 s apart", check.LongestTableGap <= 0.5, $"{check.LongestTableGap.ToString("F2", CultureInfo.InvariantCulture)} s");
            report.Bar($"{gop} s: ffmpeg has nothing to say, copying and decoding", said.Count == 0, $"{said.Count} lines");
            report.Bar($"{gop} s: all {Joiners} who came in see their first picture", joins.All(static j => j.Length == 0), $"{joins.Count(static j => j.Length > 0)} do not");
            report.Text($"{gop} s: {minutes} min, {bytes.Length / 1e6:F0} MB, {TsPictures.Count(bytes)} pictures of {25 * 60 * minutes} that were on the air, "
                + $"{check.Units} with the pieces of sound, {check.Announced} announced jumps, PCR at most {check.LongestClockGap.ToString("F2", CultureInfo.InvariantCulture)} s apart."
                + string.Concat(check.Problems.Take(10).Concat(said.Take(10)).Concat(joins.Where(static j => j.Length > 0)).Select(static l => $"\n\n    {l}")));
        }

        report.Text("H.264 with B-frames and three reference pictures (x264's `medium`), so that a picture is missed by those that follow. The faults, once each:\n\n"
            + string.Join('\n', ForcedFaults.Names.Select(static (name, n) => $"{n + 1}. {name}")));
    }

    private static async Task<Capture> CaptureAsync(Workshop workshop, LiveFilm film, TimeSpan length)
    {
        await using var origin = new LiveOrigin(film);
        await using var sluice = await ChannelsServer.StartAsync(workshop, origin.Playlist);
        var folder = workshop.NewFolder();
        var path = Path.Combine(folder, "capture.ts");
        using var stop = new CancellationTokenSource();
        Task<string[]> joining;
        await using (var file = File.Create(path))
        {
            using var viewer = new TsViewer { Copy = file };
            var watching = viewer.WatchAsync(sluice.Channel(0), stop.Token);
            joining = JoinAsync(sluice.Channel(0), folder, length - TimeSpan.FromSeconds(10));
            for (var n = 0; n < ForcedFaults.Names.Count; n++)
            {
                await Task.Delay(length / (ForcedFaults.Names.Count + 1), CancellationToken.None);
                ForcedFaults.Force(origin, n);
            }

            await Task.Delay(length / (ForcedFaults.Names.Count + 1), CancellationToken.None);
            await joining;
            await stop.CancelAsync();
            await watching;
        }

        // What was read last ends anywhere.
        var bytes = await File.ReadAllBytesAsync(path, CancellationToken.None);
        bytes = bytes[..(bytes.Length / 188 * 188)];
        await File.WriteAllBytesAsync(path, bytes[..TsPictures.Last(bytes)], CancellationToken.None);
        var (copied, decoded) = (await AskAsync(path, "-c", "copy", "-f", "null"), await AskAsync(path, "-f", "null"));
        return new Capture(film.Seconds, bytes, TsCheck.Of(bytes), [.. copied.Said, .. decoded.Said], await joining);
    }

    private static async Task<string[]> JoinAsync(Uri channel, string folder, TimeSpan during)
    {
        var random = new Random(5);
        var moments = Enumerable.Range(0, Joiners).Select(_ => random.NextDouble() * during).ToList();
        return await Task.WhenAll(moments.Select(async (moment, n) =>
        {
            await Task.Delay(moment, CancellationToken.None);
            var path = Path.Combine(folder, $"join-{n}.ts");
            await using (var file = File.Create(path))
            {
                using var viewer = new TsViewer { Copy = file };
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
                await viewer.WatchAsync(channel, limit.Token, JoinBytes);
            }

            var bytes = await File.ReadAllBytesAsync(path);
            await File.WriteAllBytesAsync(path, bytes[..TsPictures.Last(bytes)]);
            var (said, written) = await AskAsync(path, "-map", "0:v", "-frames:v", "1", "-f", "framecrc");
            return said.Count > 0 ? $"{moment}: {string.Join(' ', said)}" : written.Any(static l => !l.StartsWith('#')) ? "" : $"{moment}: no picture in {bytes.Length} bytes";
        }));
    }

    private static async Task<(List<string> Said, List<string> Written)> AskAsync(string path, params string[] how)
    {
        using var process = Tool.Start("ffmpeg", ["-nostdin", "-v", "error", "-i", path, .. how, "-"]);
        process.StandardInput.Close();
        var written = process.StandardOutput.ReadToEndAsync();
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (Lines(said), Lines(await written));
    }

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private sealed record Capture(int Gop, byte[] Bytes, TsCheck Check, List<string> Said, string[] Joins);
}
