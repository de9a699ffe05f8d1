using System.Globalization;

namespace Sluice.Bench;

/// <summary>
/// The films that are measured with. A short noisy seed is encoded once; the length comes from repeating it without
/// encoding, so that a film of hours is made in seconds and is as real to a packager as any other.
/// </summary>
internal sealed class Films(string folder)
{
    /// <summary>One hour of 720p at about 3 Mbit/s, H.264 and AAC, more than 1 GB, moov before the media: 600 segments of 6 s.</summary>
    public Task<string> FilmAsync() => MakeAsync("film.mp4", async path => await Repeat(await SeedAsync(), 60, "+faststart", path));

    /// <summary>22 minutes of it, about 500 MB.</summary>
    public Task<string> HalfGigabyteAsync() =>
        MakeAsync("half-gigabyte.mp4", async path => await Repeat(await SeedAsync(), 22, "+faststart", path));

    /// <summary>The same film in another container: <c>mkv</c> or <c>ts</c>.</summary>
    public Task<string> HalfGigabyteAsync(string container) => MakeAsync("half-gigabyte." + container, async path => await Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-i", await HalfGigabyteAsync(), "-map", "0", "-c", "copy", "-f", container == "ts" ? "mpegts" : "matroska", path]));

    /// <summary>The film of an hour with moov behind the media, as recorders and most encoders leave it.</summary>
    public Task<string> FilmMoovLastAsync() =>
        MakeAsync("film-moov-last.mp4", async path => await Repeat(await SeedAsync(), 60, "0", path));

    /// <summary>Two minutes of it: 20 segments.</summary>
    public Task<string> ClipAsync() => MakeAsync("clip.mp4", async path => await Repeat(await SeedAsync(), 2, "+faststart", path));

    /// <summary>Ten minutes of it with sound of 64 kbit/s: 100 segments, 2.3 MB of picture and 50 kB of sound each.</summary>
    public Task<string> TenMinutesAsync() => MakeAsync("ten-minutes.mp4", async path => await Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-stream_loop", "9", "-i", await SeedAsync(), "-map", "0", "-c:v", "copy", "-c:a", "aac", "-b:a", "64k",
        "-movflags", "+faststart", "-f", "mp4", path]));

    /// <summary>Eleven hours, small in picture and bit rate, 1.19 million video samples with B-frames.</summary>
    public Task<string> ElevenHoursAsync() => MakeAsync("eleven-hours.mp4", async path => await Repeat(
        await MakeAsync("eleven-hours-seed.mp4", seed => Encode(
            seed, "192x108", "-preset medium -bf 3 -crf 34 -g 60 -keyint_min 60 -sc_threshold 0", "", "48k", "")),
        11 * 60, "+faststart", path));

    private Task<string> SeedAsync() => MakeAsync("seed.mp4", path => Encode(
        path, "1280x720", "-preset ultrafast -bf 2 -g 60 -keyint_min 60 -sc_threshold 0 -b:v 3M -maxrate 3300k -bufsize 6M",
        ",noise=alls=20:allf=t", "160k", "-ac 2"));

    // 60 s exactly: 1800 frames, 2812.5 AAC frames, of which the container's edit list cuts the half.
    private static Task Encode(string path, string size, string video, string filter, string audioBitRate, string audio) =>
        Tool.RunAsync("ffmpeg", [
            "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={size}:rate=30:duration=60",
            "-f", "lavfi", "-i", "sine=frequency=440:duration=60:sample_rate=48000", "-vf", "format=yuv420p" + filter,
            "-c:v", "libx264", .. Words(video), "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", audioBitRate, .. Words(audio),
            "-f", "mp4", path]);

    private static Task Repeat(string seed, int times, string movFlags, string path) => Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-stream_loop", (times - 1).ToString(CultureInfo.InvariantCulture), "-i", seed,
        "-map", "0", "-c", "copy", "-movflags", movFlags, "-f", "mp4", path]);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The film of that name, made when it is not there yet.</summary>
    public async Task<string> MakeAsync(string name, Func<string, Task> make)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            await Console.Error.WriteLineAsync($"bench: making {name}");
            await make(path + ".part");
            File.Move(path + ".part", path);
        }

        return path;
    }
}
