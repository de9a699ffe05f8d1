using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Clips of codecs and containers that do not play as they are, each made once.</summary>
public sealed class EncodedClips : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-clips-").FullName;

    /// <summary>Ten minutes and some fifty megabytes, which take a second to be made.</summary>
    public byte[] Long => Of("raw.avi");

    /// <summary>Eight seconds of a clip, by its name.</summary>
    public byte[] Of(string name)
    {
        lock (_folder)
        {
            var path = Path.Combine(_folder, name);
            if (!File.Exists(path))
            {
                var (size, seconds) = name == "raw.avi" ? ("64x36", 600) : ("160x90", 8);
                Ffmpeg.Make($"-f lavfi -i testsrc2=s={size}:r=25:d={seconds} -f lavfi -i sine=440:r=48000:d={seconds} {Codecs(name)}", path);
            }

            return File.ReadAllBytes(path);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Codecs(string name) => name switch
    {
        "mpeg4.avi" => "-c:v mpeg4 -q:v 5 -g 25 -c:a libmp3lame",
        "raw.avi" => "-c:v rawvideo -pix_fmt yuv420p -c:a mp2 -b:a 64k",
        "mpeg2.ts" => "-c:v mpeg2video -q:v 5 -g 12 -c:a mp2",
        "hevc.mkv" or "hevc.mp4" => $"-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=50 {(name.EndsWith("mp4", StringComparison.Ordinal) ? "-tag:v hvc1" : "")} -c:a aac",
        "ac3.mkv" or "ac3.mp4" => "-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a ac3",
        "wmv2.wmv" => "-c:v wmv2 -q:v 5 -g 25 -c:a wmav2",
        "h264.ts" => "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac",
        "sound.mp3" => "-map 1:a -c:a libmp3lame",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
