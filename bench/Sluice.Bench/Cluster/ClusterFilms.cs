using System.Globalization;

namespace Sluice.Bench.Cluster;

/// <summary>Short films that browsers cannot play (MPEG-4 and MP3 in Matroska), with motion and noise, 24 frames a second: one is encoded, the others are it under a title of their own.</summary>
internal static class ClusterFilms
{
    /// <summary>Frames of a second.</summary>
    public const int FrameRate = 24;

    /// <summary>So many of them, made once; <paramref name="size"/> and <paramref name="seconds"/> are part of their names.</summary>
    public static async Task<IReadOnlyList<string>> MakeAsync(Films films, string name, string size, int seconds, int count)
    {
        var kind = string.Create(CultureInfo.InvariantCulture, $"{name}-{size}-{seconds}");
        var seed = await films.MakeAsync($"{kind}-seed.mkv", path => Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate={FrameRate}:duration={seconds}",
            "-f", "lavfi", "-i", $"sine=frequency=440:duration={seconds}:sample_rate=48000",
            "-vf", "noise=alls=5:allf=t,format=yuv420p", "-ac", "2", "-c:v", "mpeg4", "-q:v", "8", "-c:a", "libmp3lame", "-f", "matroska", path]));
        var made = new List<string>();
        for (var i = 1; i <= count; i++)
        {
            var title = string.Create(CultureInfo.InvariantCulture, $"{kind}-{i:D3}");
            made.Add(await films.MakeAsync(title + ".mkv", path => Tool.RunAsync("ffmpeg", [
                "-nostdin", "-y", "-v", "error", "-i", seed, "-map", "0", "-c", "copy", "-metadata", "title=" + title, "-f", "matroska", path])));
        }

        return made;
    }
}
