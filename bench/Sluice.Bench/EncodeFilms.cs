using System.Globalization;

namespace Sluice.Bench;

/// <summary>Films that browsers cannot play, 1920x1080 with motion and noise, 24 frames a second: a seed of 20 s is encoded once
/// and repeated.</summary>
internal sealed class EncodeFilms(Films films)
{
    private const int SeedSeconds = 20;

    /// <summary>Ten minutes in each of the four formats, by what they are called in results.</summary>
    public async Task<IReadOnlyList<(string Name, string Path)>> TenMinutesAsync() =>
    [
        ("HEVC 10-bit, AC-3, Matroska", await HevcAsync(10)),
        ("MPEG-4, MP3, AVI", await RepeatedAsync("mpeg4", 10, "avi", "-c:v mpeg4 -q:v 14 -bf 2 -c:a libmp3lame -b:a 160k")),
        ("ProRes, PCM, MOV", await RepeatedAsync("prores", 10, "mov", "-c:v prores_ks -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s16le")),
        ("VP8, Vorbis, WebM", await RepeatedAsync("vp8", 10, "webm", "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 6M -g 120 -c:a libvorbis")),
    ];

    /// <summary>The first of them, so many minutes long.</summary>
    public Task<string> HevcAsync(int minutes) => RepeatedAsync(
        "hevc", minutes, "mkv", "-c:v libx265 -preset ultrafast -crf 30 -pix_fmt yuv420p10le -x265-params log-level=error:keyint=120 -c:a ac3 -b:a 192k");

    private async Task<string> RepeatedAsync(string name, int minutes, string container, string codecs)
    {
        var seed = await films.MakeAsync($"{name}-seed.{container}", path => Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size=1920x1080:rate=24:duration={SeedSeconds}",
            "-f", "lavfi", "-i", $"sine=frequency=440:duration={SeedSeconds}:sample_rate=48000",
            "-vf", "noise=alls=14:allf=t,format=yuv420p", "-ac", "2", .. codecs.Split(' '), "-f", Muxer(container), path]));
        var times = (minutes * 60 / SeedSeconds) - 1;
        return await films.MakeAsync($"{name}-{minutes}.{container}", path => Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-stream_loop", times.ToString(CultureInfo.InvariantCulture), "-i", seed,
            "-map", "0", "-c", "copy", "-f", Muxer(container), path]));
    }

    private static string Muxer(string container) => container == "mkv" ? "matroska" : container;
}
