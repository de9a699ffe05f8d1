namespace Sluice.Media.Tests.MpegTs;

/// <summary>Transport streams made by ffmpeg in a folder of their own.</summary>
public sealed class StreamFixtures : IDisposable
{
    private const string Video = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=8";
    private const string Tone = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=8";
    private const string Avc = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-streams-");
    private readonly Dictionary<string, byte[]> _made = [];

    /// <summary>The stream, made when it is asked for first.</summary>
    public byte[] this[string name]
    {
        get
        {
            lock (_made)
            {
                if (!_made.TryGetValue(name, out var bytes))
                {
                    Ffmpeg.Make(Recipe(name), PathOf(name + ".ts"));
                    _made[name] = bytes = File.ReadAllBytes(PathOf(name + ".ts"));
                }

                return bytes;
            }
        }
    }

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(file), bytes);
        return PathOf(file);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private static string Recipe(string name) => name switch
    {
        "avc" => $"{Video} {Tone} {Avc} -bf 2 -c:a aac -b:a 96k -f mpegts",
        "avc-open" => $"{Video} {Avc} -bf 3 -x264-params open-gop=1 -f mpegts",
        "avc-no-delimiter" => $"{Video} {Avc} -x264-params aud=0 -bsf:v filter_units=remove_types=9 -f mpegts",
        "hevc" => $"{Video} {Tone} -c:v libx265 -preset ultrafast -pix_fmt yuv420p "
            + "-x265-params log-level=none:keyint=50:min-keyint=50:scenecut=0:open-gop=0 -c:a aac -f mpegts",
        "mpeg2" => $"{Video} {Tone} -c:v mpeg2video -g 12 -bf 2 -c:a mp2 -f mpegts",
        "audio" => $"{Tone} -c:a aac -f mpegts",
        "m2ts" => $"{Video} {Avc} -mpegts_m2ts_mode 1 -f mpegts",
        "padded" => $"{Video} {Avc} -b:v 300k -muxrate 2M -f mpegts",
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such stream."),
    };
}
