namespace Sluice.Server.Tests.Live;

/// <summary>A channel of twelve seconds in segments of one, made by ffmpeg once.</summary>
public sealed class LiveSegments : IDisposable
{
    /// <summary>Pictures of a segment.</summary>
    public const int Pictures = 25;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-live-");

    public LiveSegments()
    {
        Ffmpeg.Make(
            "-f lavfi -i testsrc2=size=320x180:rate=25:duration=12 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=12 "
            + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -keyint_min 25 -sc_threshold 0 -c:a aac "
            + "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename",
            PathOf("%d.ts"), PathOf("index.m3u8"));
        All = [.. Enumerable.Range(0, 12).Select(n => File.ReadAllBytes(PathOf($"{n}.ts")))];
    }

    /// <summary>The segments.</summary>
    public IReadOnlyList<byte[]> All { get; }

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(file), bytes);
        return PathOf(file);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
