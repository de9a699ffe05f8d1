using System.Globalization;

namespace Sluice.Bench.Encoded;

/// <summary>How like the source encoded pictures are: SSIM of each frame (all planes, as ffmpeg's filter weighs them).</summary>
internal static class Likeness
{
    /// <summary>Compares the rungs of both results with the film scaled to each.</summary>
    /// <param name="workshop">Gives a folder for the numbers.</param>
    /// <param name="film">The source.</param>
    /// <param name="plan">Sizes and frame rate.</param>
    /// <param name="chunked">A file for each rung, by id.</param>
    /// <param name="onePass">One file with all rungs.</param>
    /// <returns>For each rung, frame by frame, of the chunked and of the one-pass result.</returns>
    public static async Task<IReadOnlyList<(double[] Chunked, double[] OnePass)>> CompareAsync(
        Workshop workshop, string film, EncodePlanFacts plan, IReadOnlyDictionary<string, string> chunked, string onePass)
    {
        var folder = workshop.NewFolder();
        var results = new List<(double[], double[])>();
        for (var i = 0; i < plan.Video.Rungs.Count; i++)
        {
            var rung = plan.Video.Rungs[i];
            var (ours, theirs) = (Path.Combine(folder, $"{i}-chunked"), Path.Combine(folder, $"{i}-one"));
            // Frames are compared by number: times may differ by a constant.
            const string count = "settb=1/1000,setpts=N";
            await Tool.RunAsync("ffmpeg", [
                "-nostdin", "-v", "error", "-i", film, "-i", chunked[rung.Id], "-i", onePass, "-filter_complex",
                $"[0:v:0]fps={plan.Video.RateNumerator}/{plan.Video.RateDenominator},scale={rung.Width}:{rung.Height}:flags=bicubic,setsar=1,format=yuv420p,"
                    + $"{count},split=2[a][b];[1:v:0]{count}[c];[2:v:{i}]{count}[d];[c][a]ssim=stats_file={ours}[x];[d][b]ssim=stats_file={theirs}[y]",
                "-map", "[x]", "-map", "[y]", "-fps_mode", "passthrough", "-f", "null", "-"]);
            results.Add((await ReadAsync(ours), await ReadAsync(theirs)));
        }

        return results;
    }

    private static async Task<double[]> ReadAsync(string path) =>
    [
        .. (await File.ReadAllLinesAsync(path)).Select(line =>
        {
            var start = line.IndexOf("All:", StringComparison.Ordinal) + 4;
            return double.Parse(line[start..line.IndexOf(' ', start)], CultureInfo.InvariantCulture);
        }),
    ];
}
