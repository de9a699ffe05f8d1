namespace Sluice.Media.Tests.MpegTs;

/// <summary>MP4 files made by ffmpeg in a folder of their own.</summary>
public sealed class TsFixtures : IDisposable
{
    private const string Video = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=6";
    private const string Tone = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration=6";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-ts-");
    private readonly Dictionary<string, string> _made = [];

    /// <summary>Path of a fixture, made when it is asked for first.</summary>
    public string Mp4(string name)
    {
        lock (_made)
        {
            if (!_made.TryGetValue(name, out var path))
            {
                path = PathOf(name + ".mp4");
                Ffmpeg.Run(Recipe(name), path);
                _made[name] = path;
            }

            return path;
        }
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public string Write(string file, byte[] bytes)
    {
        var path = PathOf(file);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Recipe(string name) => name switch
    {
        "bframes" => $"{Video} {Tone} -c:v libx264 -preset veryfast -g 50 -bf 3 -pix_fmt yuv420p -c:a aac -b:a 128k -ac 2",
        "with-aud" => $"{Video} -c:v libx264 -preset veryfast -g 50 -pix_fmt yuv420p -x264-params aud=1",
        "still" => "-f lavfi -i color=black:size=160x90:rate=5:duration=8 -f lavfi -i anullsrc=sample_rate=48000 -t 8 "
            + "-c:v libx264 -g 10 -preset veryfast -pix_fmt yuv420p -c:a aac -b:a 16k -ac 1",
        "audio-only" => $"{Tone} -c:a aac -b:a 96k -ac 2",
        "mp3" => $"{Video} {Tone} -c:v libx264 -preset veryfast -g 50 -pix_fmt yuv420p -c:a libmp3lame -b:a 128k",
        "mp3-low-rate" => $"{Tone} -c:a libmp3lame -ar 22050 -b:a 32k",
        "open-gop" => $"{Video} -c:v libx264 -preset veryfast -g 50 -bf 3 -pix_fmt yuv420p -x264-params open-gop=1",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such fixture."),
    };
}
