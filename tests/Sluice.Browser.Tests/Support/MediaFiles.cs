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
        [Showcase] = $"-f lavfi -i {Home.Source(1280, 8)} "
            + $"-f lavfi -i sine=220:d=8 -f lavfi -i sine=330:d=8 -map 0:v -map 1:a -map 2:a {H264} -g 48 -c:a aac -b:a 64k "
            + "-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu",
        ["harbour.mp4"] = Scene(new Landscape(0x3b6ea5, 0xffc79a, 0xffe2b0, 0.32, 0.44, [0xb98a93, 0x6d7c9a, 0x2f4a6d], 0.035).Source(640, 6)),
        ["dunes.mp4"] = Scene(new Landscape(0xf4a96b, 0xffe0b5, 0xfff3d6, 0.62, 0.2, [0xe39a5c, 0xc9733f, 0x9c4a2b, 0x5f2a1f], 0.07).Source(640, 9)),
        ["night.mp4"] = Scene(new Landscape(0x070d24, 0x27406e, 0xe8ecff, 0.7, 0.22, [0x1f2f55, 0x152141, 0x0b1226]).Source(640, 7)),
        ["forest.mp4"] = Scene(new Landscape(0x8fc1b5, 0xe9f3df, 0xffffff, 0.5, 0.26, [0x7fae9a, 0x4f8a76, 0x2c6455, 0x123c35], 0.08).Source(640, 5)),
        ["curtain.mp4"] = Scene("color=s=640x360:r=24:d=0.04,format=gbrp,geq="
            + $"r='{Curtain(178, 80)}':g='{Curtain(22, 14)}':b='{Curtain(38, 18)}',loop=loop=191:size=1,setpts=N/24/TB"),
        ["fractal.mp4"] = Scene("mandelbrot=s=640x360:r=24:start_scale=0.25:end_scale=0.06:end_pts=200:maxiter=900,trim=duration=8"),
        ["garden.mp4"] = Scene("life=s=160x90:r=12:ratio=0.12:mold=14:death_color=0x06281f:life_color=0xd8f5c8:mold_color=0x0f5a41:seed=7,"
            + "trim=start=1:duration=8,setpts=PTS-STARTPTS,scale=640:360:flags=neighbor"),
    };

    /// <summary>Titles that a library is shown with, and the films that they are of.</summary>
    public static readonly IReadOnlyList<(string Title, string Film)> Shelf =
    [
        ("Garden under glass", "garden.mp4"), ("Rehearsal, second act", "curtain.mp4"), ("Closer to the edge", "fractal.mp4"), ("A walk before breakfast", "forest.mp4"),
        ("Night train to the coast", "night.mp4"), ("Dunes", "dunes.mp4"), ("Harbour at dawn", "harbour.mp4"), ("The long way home", Showcase),
    ];

    private static Landscape Home => new(0x2b2d5b, 0xf6a58a, 0xffd9a0, 0.58, 0.42, [0xb4708a, 0x84527f, 0x543a6b, 0x2c2549, 0x141530], 0.075);

    private static string Scene(string source) => $"-f lavfi -i {source} -f lavfi -i sine=220:d=20 {H264} -g 48 -c:a aac -b:a 64k -shortest";

    /// <summary>Folds of cloth, and a lamp on them from the left.</summary>
    private static string Curtain(int colour, int fold) =>
        $"clip(({colour}+{fold}*sin(X/W*55+2*sin(X/W*9)+0.6*sin(Y/H*3)))*(0.25+1.1*exp(-5*hypot((X-W*0.4)/H,Y/H-0.5)*hypot((X-W*0.4)/H,Y/H-0.5))),0,255)";

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
