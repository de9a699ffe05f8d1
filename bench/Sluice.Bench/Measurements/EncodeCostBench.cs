using System.Globalization;
using Sluice.Bench.Encoded;

namespace Sluice.Bench.Measurements;

/// <summary>What a whole ladder costs that is encoded chunk by chunk, and how good it is, beside one ffmpeg process that encodes the
/// same in one pass.</summary>
internal static class EncodeCostBench
{
    private const int Minutes = 2;
    private const int Pairs = 2;

    /// <summary>A fifth of the default, so that a film of two minutes is made by several processes as one of ten minutes is.</summary>
    private const int RunSeconds = 60;

    /// <summary>Frames before and after a seam that are looked at.</summary>
    private const int Near = 12;

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var film = await new EncodeFilms(workshop.Films).HevcAsync(Minutes);
        List<double> ours = [], theirs = [];
        IReadOnlyList<(double[] Chunked, double[] OnePass)> likeness = [];
        EncodePlanFacts? plan = null;
        for (var pair = 0; pair < Pairs; pair++)
        {
            var data = workshop.NewFolder();
            var peer = Path.Combine(workshop.NewFolder(), "one-pass.mp4");
            var (mine, its) = (pair % 2, 1 - (pair % 2)); // They change places: processors need not be alike.
            await using var sluice = await SluiceServer.StartAsync(
                workshop, data, [("SLUICE__TRANSCODE__RUNSECONDS", RunSeconds.ToString(CultureInfo.InvariantCulture))]);
            await SideBySide.PinAsync(sluice.Pid, mine);
            double before = 0;
            var title = await sluice.PublishAsync(film, () => before = ProcessFacts.CpuSecondsWithEnded(sluice.Pid));
            plan = await EncodePlanFacts.ReadAsync(data, title);
            var (cost, peerCost) = await SideBySide.RunAsync(FinishAsync(sluice, title, before), mine, OnePass.RunAsync(film, plan, peer, its), its);
            ours.Add(cost);
            theirs.Add(peerCost);
            if (likeness.Count == 0)
            {
                using var viewer = new Viewer();
                var files = await Rendered.ReadAsync(viewer, title, workshop.NewFolder());
                likeness = await Likeness.CompareAsync(workshop, film, plan, files, peer);
            }

            Directory.Delete(data, recursive: true);
            File.Delete(peer);
        }

        var ratio = ours.Sum() / theirs.Sum();
        report.Bar($"CPU of the chunked ladder ≤ 1.05 × one pass (sums of {Pairs} pairs)", ratio <= 1.05, $"{Number(ratio, "F3")} ×");
        var rows = plan!.Video.Rungs.Zip(likeness, (rung, s) => Judge(report, $"{rung.Height}p", s.Chunked, s.OnePass, plan.FramesPerChunk)).ToList();
        report.Text($"{Minutes} minutes of 1920x1080 HEVC 10-bit with motion and noise, 24 frames a second, AC-3 sound; rungs {string.Join(", ", plan.Video.Rungs.Select(r => $"{r.Height}p"))} "
            + $"and AAC. Sluice: processor time of the server and of all its children from the last byte of the upload until the job is done, so with looking at the file, the trial encoding, "
            + $"storing, hashing and gathering; `transcode.runSeconds` is {RunSeconds} instead of 300, which is harder: {(int)Math.Ceiling(Minutes * 60.0 / RunSeconds)} processes for this film. "
            + $"Beside it one ffmpeg process on the same file: {OnePass.Description}, preset {plan.Video.Preset}, the rungs' own CRF and rates, a key frame every {plan.FramesPerChunk} frames. "
            + "Both run at the same moment, each on one processor (`taskset`), and change places from pair to pair: one after the other, the same work differed by 10 %.");
        report.Table(["pair", "Sluice, CPU s", "one pass, CPU s", "ratio"],
            ours.Select((o, i) => new[] { $"{i + 1}", Number(o, "F1"), Number(theirs[i], "F1"), Number(o / theirs[i], "F3") }));
        report.Text($"SSIM of every frame with the source scaled to the rung (ffmpeg's `ssim`, all planes); the chunked result was read over HTTP. \"At seams\" is the worst frame "
            + $"less than {Near + 1} frames from where a chunk begins.");
        report.Table(["rung", "mean, chunked", "mean, one pass", "worst at seams, chunked", "worst at seams, one pass", "worst of all, chunked", "worst of all, one pass"], rows);
    }

    private static async Task<double> FinishAsync(SluiceServer sluice, Title title, double before)
    {
        await sluice.JobDoneAsync(title.Id);
        return ProcessFacts.CpuSecondsWithEnded(sluice.Pid) - before;
    }

    private static string[] Judge(Report report, string rung, double[] chunked, double[] onePass, int framesPerChunk)
    {
        var (ours, theirs) = (AtSeams(chunked, framesPerChunk), AtSeams(onePass, framesPerChunk));
        report.Bar($"{rung}: mean SSIM not below one pass (0.001)", chunked.Length == onePass.Length && chunked.Average() >= onePass.Average() - 0.001,
            $"{Number(chunked.Average() - onePass.Average(), "+0.0000;-0.0000;0.0000")}");
        report.Bar($"{rung}: worst frame at seams ≥ one pass − 0.01", ours >= theirs - 0.01, $"{Number(ours - theirs, "+0.0000;-0.0000;0.0000")}");
        return [rung, .. new[] { chunked.Average(), onePass.Average(), ours, theirs, chunked.Min(), onePass.Min() }.Select(v => Number(v, "F4"))];
    }

    private static double AtSeams(double[] frames, int framesPerChunk) => frames.Where((_, n) =>
        n >= framesPerChunk - Near && Math.Min(n % framesPerChunk, framesPerChunk - (n % framesPerChunk)) <= Near).Min();

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
