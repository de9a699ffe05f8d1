using Sluice.Tests;

namespace Sluice.Server.Tests.Deliver;

/// <summary>A real clip made once for all classes that ask for it, which leave it as it is: H.264 with B-frames and sound in two languages, 13 s.</summary>
public sealed class Clip
{
    private static readonly Lazy<string> Made = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("sluice-clip-");
        var path = System.IO.Path.Combine(folder.FullName, "clip.mp4");
        Ffmpeg.Make(
            "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440:r=48000 -f lavfi -i sine=880:r=48000 -t 13 -map 0 -map 1 -map 2 "
            + "-c:v libx264 -preset veryfast -bf 2 -g 50 -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu", path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return path;
    });

    /// <summary>Where it is.</summary>
    public string Path { get; } = Made.Value;
}
