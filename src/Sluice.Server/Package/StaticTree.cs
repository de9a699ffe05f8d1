using System.Buffers;
using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.Manifests;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>
/// Writes a packaged file as a tree that any web server can serve: <c>master.m3u8</c>, <c>manifest.mpd</c> and per track
/// a folder with <c>index.m3u8</c>, <c>init.mp4</c> and <c>1.m4s</c>, <c>2.m4s</c>… Segments first, manifests last, so that
/// whatever is listed is there.
/// </summary>
internal static class StaticTree
{
    private const string MasterPlaylist = "master.m3u8";
    private const string Mpd = "manifest.mpd";
    private const string PartSuffix = ".tmp";

    /// <summary>Bytes that all segments of all tracks will take.</summary>
    public static long TotalBytes(IReadOnlyList<TrackIndexReader> indexes) =>
        indexes.Sum(i => Enumerable.Range(1, i.SegmentCount).Sum(n => i.ReadEntry(n)?.SizeBytes ?? 0));

    /// <summary>Writes the tree.</summary>
    /// <param name="sourcePath">The media file.</param>
    /// <param name="indexes">One track index per offered track.</param>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="onBytes">Is told the bytes of segments written so far, of <see cref="TotalBytes"/>.</param>
    /// <param name="ct">Stops between segments.</param>
    public static void Write(
        string sourcePath, IReadOnlyList<TrackIndexReader> indexes, string folder, Action<long> onBytes, CancellationToken ct)
    {
        using var source = new FileByteSource(sourcePath);
        long done = 0;
        foreach (var index in indexes)
        {
            var trackFolder = Directory.CreateDirectory(Path.Combine(folder, index.Summary.Id)).FullName;
            File.WriteAllBytes(Path.Combine(trackFolder, "init.mp4"), index.Init.Span);
            for (var n = 1; n <= index.SegmentCount; n++)
            {
                ct.ThrowIfCancellationRequested();
                done += WriteSegment(source, index, n, Path.Combine(trackFolder, $"{n}.m4s"));
                onBytes(done);
            }
        }

        WriteManifests(indexes, folder);
    }

    /// <summary>Removes the tree, whole or half written, and nothing else.</summary>
    /// <param name="trackIds">The tracks of its indexes.</param>
    /// <param name="folder">Where it is; stays.</param>
    public static void Remove(IEnumerable<string> trackIds, string folder)
    {
        foreach (var trackFolder in trackIds.Select(id => Path.Combine(folder, id)).Where(Directory.Exists))
        {
            Directory.Delete(trackFolder, recursive: true);
        }

        foreach (var manifest in (string[])[MasterPlaylist, Mpd])
        {
            File.Delete(Path.Combine(folder, manifest));
            File.Delete(Path.Combine(folder, manifest + PartSuffix));
        }
    }

    private static long WriteSegment(FileByteSource source, TrackIndexReader index, int number, string path)
    {
        var entry = index.ReadEntry(number)!.Value;
        var blob = index.ReadBlob(entry) ?? throw new InvalidDataException("The track index is shorter than it says.");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        file.Write(blob.AsSpan(0, entry.HeadBytes));
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            for (var at = entry.HeadBytes; at < blob.Length; at += Extent.Size)
            {
                var extent = Extent.Read(blob.AsSpan(at));
                for (var copied = 0; copied < extent.LengthBytes;)
                {
                    var read = source.Read(extent.Offset + copied, buffer.AsSpan(0, Math.Min(buffer.Length, extent.LengthBytes - copied)));
                    if (read <= 0)
                    {
                        throw new InvalidDataException("The media file changed while it was packaged.");
                    }

                    file.Write(buffer.AsSpan(0, read));
                    copied += read;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return entry.SizeBytes;
    }

    private static void WriteManifests(IReadOnlyList<TrackIndexReader> indexes, string folder)
    {
        var summaries = indexes.Select(i => i.Summary).ToList();
        foreach (var index in indexes)
        {
            var playlist = HlsMediaWriter.Write(index.ReadTimings(), index.Summary.Timescale,
                new SegmentUris { Init = "init.mp4", Suffix = ".m4s" }, index.Summary.IndependentSegments,
                HlsTargetDuration.Of(summaries));
            WriteManifest(playlist, Path.Combine(folder, index.Summary.Id, "index.m3u8"));
        }

        WriteManifest(AssetManifests.Mpd(indexes.Select(i => (i.Summary, i.ReadTimings())), ""), Path.Combine(folder, Mpd));
        WriteManifest(HlsMultivariantWriter.Write(summaries, t => $"{t.Id}/index.m3u8"), Path.Combine(folder, MasterPlaylist));
    }

    private static void WriteManifest(ManifestTemplate template, string path)
    {
        var text = new ArrayBufferWriter<byte>(template.GetLength([]));
        template.Render([], text);
        var temporary = path + PartSuffix;
        File.WriteAllBytes(temporary, text.WrittenSpan);
        File.Move(temporary, path, overwrite: true);
    }
}
