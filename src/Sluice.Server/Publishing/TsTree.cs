using System.Globalization;
using Sluice.Media.Manifests;
using Sluice.Server.Deliver;

namespace Sluice.Server.Publishing;

/// <summary>
/// A title as HLS over MPEG-TS in a flat space of names, as key-value stores have it: one playlist <c>NAME.m3u8</c> and segments
/// <c>NAME_VERSION-v0-a0_1.ts</c>, <c>NAME_VERSION-v0-a0_2.ts</c>…, which it names <c>/ts/…</c>, where a proxy answers for them. Caches keep segments: those of
/// another packaging, or of other tracks, have other names.
/// </summary>
internal static class TsTree
{
    private const string SegmentPath = "/ts/";

    /// <summary>Name of the record of a title.</summary>
    public static string RecordOf(string name) => name + ".json";

    /// <summary>Name of the playlist of a title.</summary>
    public static string PlaylistOf(string name) => name + ".m3u8";

    /// <summary>Lists its files.</summary>
    /// <param name="parts">The title.</param>
    /// <param name="source">As <see cref="TitleTree.Source"/>.</param>
    /// <param name="name">A <see cref="TsName"/>.</param>
    /// <param name="version">Which packaging.</param>
    /// <param name="ct">Cancels the reading of the tables.</param>
    /// <exception cref="PublishException">MPEG-TS does not carry its codecs.</exception>
    public static async Task<TitleTree> MakeAsync(TitleParts parts, string source, string name, string version, CancellationToken ct)
    {
        var rendition = TsRendition.Default(parts.Tracks) ?? throw new PublishException(
            "MPEG-TS, as players read it, carries H.264 with AAC or MP3 and nothing else, and the title has no such pair of tracks.",
            "Publish it as CMAF, to a folder or a bucket.");
        var plan = await rendition.PlanAsync(ct);
        var segments = $"{name}_{version}-{rendition.Name}_";
        var uris = new SegmentUris { Prefix = SegmentPath + Uri.EscapeDataString(segments), Suffix = ".ts" };
        var files = new List<TreeFile>();
        foreach (var (index, segment) in plan.Index())
        {
            files.Add(new TreeFile(
                string.Create(CultureInfo.InvariantCulture, $"{segments}{uris.FirstNumber + index}{uris.Suffix}"), TsDelivery.TsType, TreePart.Media,
                await SizeOfAsync(rendition, segment, ct), (output, stop) => TsSegmentMuxer.WriteAsync(rendition, segment, output, stop)));
        }

        var playlist = PlaylistOf(name);
        files.Add(TreeFile.Playlist(playlist, rendition.Playlist(plan, uris), TreePart.Entrance));
        return new TitleTree(source, RecordOf(name), files, playlist);
    }

    /// <summary>Bytes of the CMAF segments that it is made of: a little less than it will have.</summary>
    private static async ValueTask<long> SizeOfAsync(TsRendition rendition, TsPlanSegment segment, CancellationToken ct)
    {
        var size = segment.Video > 0 ? await CmafTree.SizeOfAsync(rendition.Video!, segment.Video, ct) : 0;
        for (var n = segment.FirstAudio; n < segment.FirstAudio + segment.AudioCount; n++)
        {
            size += await CmafTree.SizeOfAsync(rendition.Audio!, n, ct);
        }

        return size;
    }
}
