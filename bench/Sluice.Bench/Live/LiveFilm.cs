using System.Globalization;

namespace Sluice.Bench.Live;

/// <summary>A minute of MPEG-TS in segments of equal length, which a channel repeats for as long as it is on the air.</summary>
/// <param name="Segments">The bytes of each.</param>
/// <param name="Seconds">Length of each.</param>
internal sealed record LiveFilm(IReadOnlyList<byte[]> Segments, int Seconds)
{
    private const int Length = 64;

    /// <summary>Makes it, or takes what was made before.</summary>
    /// <param name="workshop">Where films are kept.</param>
    /// <param name="seconds">Length of a segment, and from one key picture to the next.</param>
    /// <param name="megabits">Bit rate of the picture, in Mbit/s.</param>
    /// <param name="preset">Of x264: from <c>superfast</c> on pictures refer to those that are shown after them, from <c>fast</c> on to several.</param>
    public static async Task<LiveFilm> MakeAsync(Workshop workshop, int seconds, int megabits, string preset = "ultrafast")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"live-{seconds}s-{megabits}m{(preset == "ultrafast" ? "" : "-" + preset)}");
        var list = await workshop.Films.MakeAsync(name + ".m3u8", path => EncodeAsync(path, name, seconds, megabits, preset));
        var folder = Path.GetDirectoryName(list)!;
        return new LiveFilm([.. Enumerable.Range(0, Length / seconds).Select(n => File.ReadAllBytes(Path.Combine(folder, $"{name}-{n}.ts")))], seconds);
    }

    private static Task EncodeAsync(string list, string name, int seconds, int megabits, string preset)
    {
        var (length, gop, rate) = (Text(Length), Text(25 * seconds), $"{megabits}M");
        return Tool.RunAsync("ffmpeg",
        [
            "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size=640x360:rate=25:duration={length}",
            "-f", "lavfi", "-i", $"sine=frequency=440:duration={length}:sample_rate=48000", "-vf", "noise=alls=60:allf=t,format=yuv420p",
            "-c:v", "libx264", "-preset", preset, "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr",
            "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-c:a", "aac",
            "-f", "hls", "-hls_time", Text(seconds), "-hls_list_size", "0", "-hls_segment_filename", Path.Combine(Path.GetDirectoryName(list)!, name + "-%d.ts"), list,
        ]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
