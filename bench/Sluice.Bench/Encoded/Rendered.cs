namespace Sluice.Bench.Encoded;

/// <summary>Renditions of a title as a player gets them over HTTP: init segment and segments one behind the other in a file.</summary>
internal static class Rendered
{
    /// <summary>Reads every listed rendition whole.</summary>
    /// <returns>Paths of the files by rendition id.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(Viewer viewer, Title title, string folder)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var list in await viewer.OpenAsync(title.Hls))
        {
            files[IdOf(list)] = await WriteAsync(viewer, list, list.Segments, Path.Combine(folder, IdOf(list) + ".mp4"));
        }

        return files;
    }

    /// <summary>Reads the last segments of one rendition.</summary>
    public static Task<string> ReadEndAsync(Viewer viewer, MediaList list, int segments, string folder) =>
        WriteAsync(viewer, list, list.Segments.TakeLast(segments), Path.Combine(folder, IdOf(list) + "-end.mp4"));

    /// <summary>The rendition's id, such as <c>v0</c>.</summary>
    public static string IdOf(MediaList list) => list.Address.Segments[^2].TrimEnd('/');

    private static async Task<string> WriteAsync(Viewer viewer, MediaList list, IEnumerable<Uri> segments, string path)
    {
        await using var file = File.Create(path);
        await file.WriteAsync(await viewer.GetAsync(list.Init));
        foreach (var segment in segments)
        {
            await file.WriteAsync(await viewer.GetPatientlyAsync(segment));
        }

        return path;
    }
}
