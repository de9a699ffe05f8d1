namespace Sluice.Server.Tests.Live;

/// <summary>A channel of twelve seconds in segments of one, made by ffmpeg once for all classes that ask for it. Each has a folder of its own to write to.</summary>
public sealed class LiveSegments : IDisposable
{
    /// <summary>Pictures of a segment.</summary>
    public const int Pictures = 25;

    private static readonly Lazy<IReadOnlyList<byte[]>> Made = new(Make);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-live-");

    /// <summary>The segments.</summary>
    public IReadOnlyList<byte[]> All { get; } = Made.Value;

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(file), bytes);
        return PathOf(file);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IReadOnlyList<byte[]> Make()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-live-");
        Ffmpeg.Make(
            "-f lavfi -i testsrc2=size=320x180:rate=25:duration=12 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=12 "
            + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -keyint_min 25 -sc_threshold 0 -c:a aac "
            + "-f hls -hls_time 1 -hls_list_size 0 -hls_segment_filename",
            Path.Combine(folder.FullName, "%d.ts"), Path.Combine(folder.FullName, "index.m3u8"));
        byte[][] all = [.. Enumerable.Range(0, 12).Select(n => File.ReadAllBytes(Path.Combine(folder.FullName, $"{n}.ts")))];
        folder.Delete(recursive: true);
        return all;
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
