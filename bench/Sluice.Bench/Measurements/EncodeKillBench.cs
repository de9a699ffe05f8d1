using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Encoded;
using Sluice.Bench.Killed;

namespace Sluice.Bench.Measurements;

/// <summary>kill -9 of the server or of an encoder, fifty times over one job, while a viewer fetches.</summary>
internal static class EncodeKillBench
{
    private const int Rounds = 50;
    private const int Seconds = 90;
    private const int FrameRate = 24;

    /// <summary>After the death of its parent an encoder is given so long to be gone.</summary>
    private static readonly TimeSpan OrphanLimit = TimeSpan.FromSeconds(2);

    /// <summary>Chunks of two seconds and a slow preset, so that fifty kills fit into one job of a short film.</summary>
    private static readonly (string, string)[] Settings = [("SLUICE__TRANSCODE__CHUNKSECONDS", "2"), ("SLUICE__TRANSCODE__PRESET", "slower")];

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var film = await FilmAsync(workshop.Films);
        var data = workshop.NewFolder();
        var ordeal = new Ordeal(workshop, data, Settings);
        await ordeal.BeginAsync(film);
        using var stop = new CancellationTokenSource();
        var watching = ordeal.Viewer.RunAsync(() => ordeal.Address, stop.Token);
        int servers = 0, encoders = 0, late = 0;
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < Rounds; round++)
        {
            late += (await ordeal.JobAsync()).State == "done" ? 1 : 0;
            await ordeal.WaitForChunksAsync(Random.Shared.Next(3));
            await Task.Delay(Random.Shared.Next(400), stop.Token);
            if (round % 2 == 1 && ordeal.KillEncoder())
            {
                encoders++;
                continue;
            }

            await ordeal.KillServerAsync(OrphanLimit);
            servers++;
        }

        await ordeal.FinishAsync();
        var took = Stopwatch.GetElapsedTime(began);
        await stop.CancelAsync();
        await watching;
        var outcome = await ordeal.EndAsync(Path.Combine(workshop.NewFolder(), "whole"));
        await Console.Error.WriteLineAsync(string.Join('\n', [.. ordeal.Complaints, .. ordeal.Viewer.Complaints.Distinct().Take(20), .. outcome.Faults]));

        report.Bar($"{Rounds} kills, all before the job was done", late == 0, $"{servers} of the server, {encoders} of an encoder, {late} too late");
        report.Bar("the job is done and every rendition whole", outcome.Faults.Count == 0, outcome.Faults.Count == 0 ? outcome.Summary : string.Join("; ", outcome.Faults.Take(3)));
        report.Bar("nothing that was published was made again, changed or lost", ordeal.Complaints.Count == 0, $"{ordeal.Complaints.Count} of {ordeal.ChunksSeen} chunks");
        report.Bar("no encoder outlives its server", ordeal.Orphans == 0, $"{ordeal.Orphans}; the last one gone after {ordeal.LongestOrphan.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)} ms");
        report.Bar("no segment was partial, damaged or ever another", ordeal.Viewer.Complaints.Count == 0, $"{ordeal.Viewer.Complaints.Count} of {ordeal.Viewer.Served} fetched");
        report.Bar("no chunk is a placeholder", ordeal.Placeholders == 0, $"{ordeal.Placeholders}");
        report.Text($"{Seconds} s of 640x360 MPEG-4 and MP3 (AVI) with motion and noise, encoded at 360p and 240p and AAC in chunks of 2 s with the preset `slower`. A round waits for 0, 1 or 2 "
            + "new chunks and then up to 0.4 s, both at random; then it kills the server, which is started again on the same data folder, or one of its encoders, in turn (the server when no "
            + $"encoder runs). It took {took.TotalSeconds:F0} s. After each kill of the server the catalog's rows and the objects (size, time of last change) are compared with those after the kill before, "
            + "until the rendition is gathered; encoders are looked for by the data folder in their arguments. "
            + $"Meanwhile a viewer asked for random segments: {ordeal.Viewer.Served} came, {ordeal.Viewer.Segments} different ones, {ordeal.Viewer.Refused} times it was told to come back, {ordeal.Viewer.Cut} times "
            + "there was no server or the kill cut the answer off. Of each segment that came, Content-Length, the sizes of all boxes and of all samples are checked, and that the same address "
            + "gives the same SHA-256 for ever. At the end all segments are fetched once more and decoded.");
    }

    private static Task<string> FilmAsync(Films films) => films.MakeAsync($"kill-{Seconds}.avi", path => Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size=640x360:rate={FrameRate}:duration={Seconds}",
        "-f", "lavfi", "-i", $"sine=frequency=440:duration={Seconds}:sample_rate=48000",
        "-vf", "noise=alls=14:allf=t,format=yuv420p", "-ac", "2", "-c:v", "mpeg4", "-q:v", "8", "-c:a", "libmp3lame", "-f", "avi", path]));
}
