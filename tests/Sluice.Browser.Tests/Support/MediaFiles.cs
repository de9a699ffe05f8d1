using System.Collections.Concurrent;
using System.Diagnostics;

namespace Sluice.Browser.Tests.Support;

/// <summary>Films made by ffmpeg in a folder of their own, each when a test first asks for it.</summary>
public sealed class MediaFiles : IDisposable
{
    /// <summary>H.264 with B-frames, 640×360, 33 s; English audio is a tone of 440 Hz, German of 1000 Hz. moov first.</summary>
    public const string Film = "film.mp4";

    /// <summary>H.264 with B-frames and AAC, 20 minutes: hls.js loads ten ahead when they are small. moov last.</summary>
    public const string Long = "long.mp4";

    /// <summary>H.264 and AAC, 4 minutes, moov first: a tenth of it plays for a while.</summary>
    public const string Coming = "coming.mp4";

    /// <summary>The same in Matroska.</summary>
    public const string ComingMatroska = "coming.mkv";

    /// <summary>H.264 and AAC, 40 s, of which the last 19 have no sound.</summary>
    public const string Hushed = "hushed.mp4";

    /// <summary>VP9 and Opus, 8 s.</summary>
    public const string Vp9 = "vp9.mp4";

    /// <summary>AV1 and AAC, 8 s.</summary>
    public const string Av1 = "av1.mp4";

    /// <summary>AAC alone, 20 s.</summary>
    public const string Tone = "tone.m4a";

    /// <summary>MPEG-4 and MP3 in AVI, 640×360, 40 s: all of it must be encoded.</summary>
    public const string Avi = "camera.avi";

    /// <summary>VP8 and Vorbis in WebM, 12 s: likewise.</summary>
    public const string Vp8 = "vp8.webm";

    /// <summary>MP3, 12 s of 440 Hz: likewise.</summary>
    public const string Mp3 = "song.mp3";

    /// <summary>MPEG-4 in Matroska with Opus of 440 Hz, 12 s: encoded, and the sound follows as it is.</summary>
    public const string Opus = "opus.mkv";

    /// <summary>The same with AAC, which takes the place of the encoded sound.</summary>
    public const string LightAac = "aac.mkv";

    /// <summary>HEVC in Matroska with FLAC, 12 s: both follow, and Chromium plays only the sound of them.</summary>
    public const string HevcFlac = "hevc.mkv";

    /// <summary>HEVC, which is copied as it is and which Chromium does not decode.</summary>
    public const string Hevc = "hevc.mp4";

    /// <summary>ProRes, which no browser plays.</summary>
    public const string ProRes = "master.mov";

    /// <summary>H.264 and AAC, 24 s, with three chapters: at 0, 8 and 16 s.</summary>
    public const string Chaptered = "chaptered.mp4";

    /// <summary>The same as MPEG-4 and MP3 in Matroska: all of it must be encoded.</summary>
    public const string ChapteredMatroska = "chaptered.mkv";

    /// <summary>Names of these chapters.</summary>
    public static readonly IReadOnlyList<string> Chapters = ["The harbour", "Tom & <b>Jerry</b>", "\u05E1\u05D5\u05E3"];

    /// <summary>Half a megabyte that is no video.</summary>
    public const string Garbage = "garbage.mp4";

    /// <summary>H.264 of noise, 4 s: nine megabytes, to be seen on their way.</summary>
    public const string Noise = "noise.mp4";

    /// <summary>What the README shows, 1280×720.</summary>
    public const string Showcase = "Voyage.mp4";

    private const string H264 = "-c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p";

    /// <summary>In a recipe, the file that names chapters.</summary>
    private const string ChapterFile = "chapters.txt";

    private const string WithChapters = "-f lavfi -i testsrc2=s=320x180:r=25:d=24 -f lavfi -i sine=440:d=24 -i " + ChapterFile + " -map 0 -map 1 -map_metadata 2";

    private static readonly Dictionary<string, string> Recipes = new(StringComparer.Ordinal)
    {
        [Film] = "-f lavfi -i testsrc2=s=640x360:r=25:d=33 -f lavfi -i sine=440:d=33 -f lavfi -i sine=1000:d=33 "
            + $"-map 0:v -map 1:a -map 2:a {H264} -g 50 -c:a aac -b:a 96k "
            + "-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -movflags +faststart",
        [Long] = $"-f lavfi -i testsrc2=s=160x90:r=5:d=1200 -f lavfi -i sine=440:r=16000:d=1200 {H264} -g 30 -c:a aac -b:a 24k",
        [Coming] = $"-f lavfi -i testsrc2=s=320x180:r=25:d=240 -f lavfi -i sine=440:d=240 {H264} -g 50 -c:a aac -b:a 64k -movflags +faststart",
        [ComingMatroska] = $"-f lavfi -i testsrc2=s=320x180:r=25:d=240 -f lavfi -i sine=440:d=240 {H264} -g 50 -c:a aac -b:a 64k",
        [Hushed] = $"-f lavfi -i testsrc2=s=320x180:r=25:d=40 -f lavfi -i sine=440:d=21 {H264} -g 50 -c:a aac -b:a 64k -movflags +faststart",
        [Vp9] = "-f lavfi -i testsrc2=s=320x180:r=25:d=8 -f lavfi -i sine=440:d=8 "
            + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k -g 50 -c:a libopus -b:a 64k",
        [Av1] = "-f lavfi -i testsrc2=s=320x180:r=25:d=8 -f lavfi -i sine=440:d=8 "
            + "-pix_fmt yuv420p -c:v libsvtav1 -preset 12 -g 50 -c:a aac -b:a 64k",
        [Tone] = "-f lavfi -i sine=440:d=20 -c:a aac -b:a 96k",
        [Avi] = "-f lavfi -i testsrc2=s=640x360:r=25:d=40 -f lavfi -i sine=440:d=40 -c:v mpeg4 -q:v 5 -c:a libmp3lame",
        [Vp8] = "-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:d=12 "
            + "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 800k -c:a libvorbis",
        [Mp3] = "-f lavfi -i sine=440:d=12 -c:a libmp3lame",
        [Opus] = "-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:d=12 -c:v mpeg4 -q:v 5 -c:a libopus -b:a 160k",
        [LightAac] = "-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:d=12 -c:v mpeg4 -q:v 5 -c:a aac -b:a 96k",
        [HevcFlac] = "-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=440:d=12 "
            + "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p -c:a flac",
        [Hevc] = "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx265 -preset ultrafast -x265-params log-level=none "
            + "-pix_fmt yuv420p -tag:v hvc1",
        [ProRes] = "-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v prores_ks -profile:v 1",
        [Noise] = "-f lavfi -i testsrc2=s=640x360:r=25:d=4,noise=alls=60:allf=t "
            + "-c:v libx264 -preset ultrafast -crf 20 -pix_fmt yuv420p -g 50 -movflags +faststart",
        [Chaptered] = $"{WithChapters} {H264} -g 50 -c:a aac -b:a 64k",
        [ChapteredMatroska] = $"{WithChapters} -c:v mpeg4 -q:v 5 -c:a libmp3lame",
        [Showcase] = "-f lavfi -i gradients=s=1280x720:r=24:d=8:n=4:seed=11:c0=0x0b2e4f:c1=0x0b6e75:c2=0xf0b35e:c3=0x7a2a4a "
            + $"-f lavfi -i sine=220:d=8 -f lavfi -i sine=330:d=8 -map 0:v -map 1:a -map 2:a {H264} -g 48 -c:a aac -b:a 64k "
            + "-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-films-").FullName;
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _made = new(StringComparer.Ordinal);

    /// <summary>The path of one of the films above.</summary>
    public Task<string> PathOfAsync(string name) => _made.GetOrAdd(name, _ => new Lazy<Task<string>>(() => MakeAsync(name))).Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> MakeAsync(string name)
    {
        var path = Path.Combine(_folder, name);
        if (name == Garbage)
        {
            await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("no film at all. ", 32_768)));
            return path;
        }

        var chapters = Path.Combine(_folder, Path.ChangeExtension(name, ChapterFile));
        await File.WriteAllTextAsync(chapters, ";FFMETADATA1\n" + string.Concat(Chapters.Select((title, n) =>
            $"[CHAPTER]\nTIMEBASE=1/1\nSTART={n * 8}\nEND={(n + 1) * 8}\ntitle={title}\n")));
        var recipe = $"-nostdin -v error -y {Recipes[name].Replace(ChapterFile, chapters, StringComparison.Ordinal)}".Split(' ');
        using var ffmpeg = Process.Start(new ProcessStartInfo(Requirements.Ffmpeg!, [.. recipe, path])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = await ffmpeg.StandardError.ReadToEndAsync();
        await ffmpeg.WaitForExitAsync();
        return ffmpeg.ExitCode == 0 ? path : throw new InvalidOperationException($"ffmpeg made no {name}: {errors}");
    }
}
