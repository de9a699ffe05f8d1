using System.Globalization;

namespace Sluice.Bench.Encoded;

/// <summary>Finds flashes by the luma of each frame and clicks by the level of each millisecond, both by decoding.</summary>
internal static class ClickTrack
{
    private const double WhiteLuma = 128;

    /// <summary>Decibels below full scale that a click is above; its tone reaches −2, what an encoder smears before it does not reach this.</summary>
    private const double ClickLevel = -12;

    /// <summary>When flashes begin, in seconds of the file's own time.</summary>
    /// <param name="input">ffmpeg's arguments up to and with the input.</param>
    public static async Task<double[]> FlashesAsync(params string[] input)
    {
        var frames = await LevelsAsync("lavfi.signalstats.YAVG", [
            .. input, "-an", "-vf", "settb=1/120000,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-fps_mode", "passthrough"], 120000);
        return Onsets(frames, WhiteLuma, 0);
    }

    /// <summary>When clicks begin, to the millisecond.</summary>
    public static async Task<double[]> ClicksAsync(params string[] input)
    {
        var milliseconds = await LevelsAsync("lavfi.astats.Overall.Peak_level", [
            .. input, "-vn", "-af", $"asettb=1/{ClickFilm.SampleRate},asetnsamples=n={ClickFilm.SampleRate / 1000}:p=0,"
                + "astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-"], ClickFilm.SampleRate);
        return Onsets(milliseconds, ClickLevel, 0.1);
    }

    /// <summary>Beginnings of what is above the threshold; what follows within <paramref name="quiet"/> seconds belongs to it.</summary>
    private static double[] Onsets(List<(double Time, double Value)> levels, double threshold, double quiet)
    {
        var onsets = new List<double>();
        var last = double.NegativeInfinity;
        // What is loud or bright at the very start may have begun before.
        foreach (var (time, _) in levels.Where(l => l.Value > threshold && l.Time > levels[0].Time))
        {
            if (time - last > quiet)
            {
                onsets.Add(time);
            }

            last = time;
        }

        return [.. onsets];
    }

    private static async Task<List<(double Time, double Value)>> LevelsAsync(string key, IEnumerable<string> arguments, int timescale)
    {
        var output = await Tool.RunAsync("ffmpeg", ["-nostdin", "-v", "error", "-copyts", .. arguments, "-f", "null", "/dev/null"]);
        var levels = new List<(double, double)>();
        var time = 0.0;
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("frame:", StringComparison.Ordinal))
            {
                var pts = line[(line.IndexOf("pts:", StringComparison.Ordinal) + 4)..];
                time = double.Parse(pts[..pts.IndexOf(' ')], CultureInfo.InvariantCulture) / timescale;
            }
            else if (line.StartsWith(key + "=", StringComparison.Ordinal))
            {
                var value = line[(key.Length + 1)..];
                levels.Add((time, value == "-inf" ? double.NegativeInfinity : double.Parse(value, CultureInfo.InvariantCulture)));
            }
        }

        return levels;
    }
}
