using System.Buffers;
using System.Globalization;
using Sluice.Media.Text;
using Sluice.Server.Deliver;

namespace Sluice.Server.Publishing;

/// <summary>A title as HLS and DASH over the same segments, below a folder that any web server can serve.</summary>
internal static class CmafTree
{
    /// <summary>Name of the record, beside the multivariant playlist.</summary>
    public const string Record = "sluice-tree.json";

    /// <summary>Lists its files.</summary>
    /// <param name="parts">The title.</param>
    /// <param name="source">As <see cref="TitleTree.Source"/>.</param>
    /// <param name="root">Folder of the title at the target: empty or ending in a slash.</param>
    /// <param name="folder">Folder in that of everything but the entrances: empty or ending in a slash. Another packaging of the title has another one,
    /// so that what caches keep of the older one is not mixed into it.</param>
    /// <param name="ct">Cancels the reading of the tables.</param>
    public static async Task<TitleTree> MakeAsync(TitleParts parts, string source, string root, string folder, CancellationToken ct)
    {
        var files = new List<TreeFile>();
        foreach (var track in parts.Tracks)
        {
            await AddTrackAsync(files, track, parts.Tracks, $"{root}{folder}{track.Summary.Id}/", ct);
        }

        foreach (var text in parts.Texts)
        {
            AddText(files, text, parts.Tracks, $"{root}{folder}{text.Subtitle.Id}/");
        }

        if (parts.Poster is { } poster)
        {
            files.Add(TreeFile.Of(root + "poster.jpg", PictureDelivery.Jpeg, TreePart.Media, poster));
        }

        if (parts.Board is { } board)
        {
            AddBoard(files, board, root);
        }

        var subtitles = parts.Texts.Select(t => t.Subtitle).ToList();
        var mpd = await TitleManifests.MpdAsync(
            parts.Tracks, folder, [.. TitleManifests.Texts(subtitles, folder, SubtitleDelivery.WholeFile)], ct);
        var master = TitleManifests.Multivariant(
            parts.Tracks, folder, [.. TitleManifests.Texts(subtitles, folder, SubtitleDelivery.Playlist)]);
        files.Add(TreeFile.Of(root + "manifest.mpd", ManifestDelivery.DashType, TreePart.Entrance, mpd));
        files.Add(TreeFile.Playlist(root + "master.m3u8", master, TreePart.Entrance));
        return new TitleTree(source, root + Record, files, null);
    }

    private static async Task AddTrackAsync(
        List<TreeFile> files, StoredTrack track, IReadOnlyList<StoredTrack> tracks, string folder, CancellationToken ct)
    {
        var type = SegmentDelivery.TypeOf(track.Summary);
        files.Add(TreeFile.Of(folder + "init.mp4", type, TreePart.Media, track.Init));
        for (var n = 1; n <= track.Summary.SegmentCount; n++)
        {
            var number = n;
            files.Add(new TreeFile(
                string.Create(CultureInfo.InvariantCulture, $"{folder}{n}.m4s"), type, TreePart.Media, await SizeOfAsync(track, n, ct),
                async (output, stop) =>
                {
                    using var segment = await RequireAsync(track, number, stop);
                    await segment.WriteToAsync(output, stop);
                }));
        }

        files.Add(TreeFile.Playlist(folder + SubtitleDelivery.Playlist, await TitleManifests.MediaAsync(track, tracks, ct)));
    }

    /// <summary>Its links are beside it, so it lies where its sheets do.</summary>
    private static void AddBoard(List<TreeFile> files, TitleBoard board, string root)
    {
        foreach (var (index, sheet) in board.Sheets.Index())
        {
            files.Add(new TreeFile(
                root + PictureDelivery.SheetName(index + 1), PictureDelivery.Jpeg, TreePart.Media, sheet.SizeBytes,
                async (output, stop) => output.Write(await sheet.ReadAsync(stop))));
        }

        files.Add(TreeFile.Of(root + PictureDelivery.BoardName, SubtitleDelivery.WebVttType, TreePart.Playlist, board.WebVtt));
    }

    private static void AddText(List<TreeFile> files, TitleText text, IReadOnlyList<StoredTrack> tracks, string folder)
    {
        byte[] segment = [.. TitleManifests.TextSegmentHead(tracks), .. text.WebVtt.AsSpan(WebVttWriter.Signature.Length)];
        files.Add(TreeFile.Of(folder + SubtitleDelivery.WholeFile, SubtitleDelivery.WebVttType, TreePart.Media, text.WebVtt));
        files.Add(TreeFile.Of(folder + SubtitleDelivery.Segment, SubtitleDelivery.WebVttType, TreePart.Media, segment));
        files.Add(TreeFile.Playlist(folder + SubtitleDelivery.Playlist, TitleManifests.TextPlaylist(tracks)));
    }

    /// <summary>Bytes of one segment.</summary>
    public static async ValueTask<long> SizeOfAsync(StoredTrack track, int number, CancellationToken ct)
    {
        using var segment = await RequireAsync(track, number, ct);
        return segment.Entry.SizeBytes;
    }

    private static async ValueTask<StoredSegment> RequireAsync(StoredTrack track, int number, CancellationToken ct) =>
        await track.FindAsync(number, ct) ?? throw new InvalidDataException("The track index has fewer segments than it says.");
}
