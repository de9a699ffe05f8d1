using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends subtitles. They are one WebVTT file for the whole title, whose times count from the title's beginning; HLS has it as the
/// only segment of a playlist, with a header line that says where that beginning lies on the segments' timeline.
/// </summary>
internal sealed class SubtitleDelivery(IObjectStore store, ManifestDelivery manifests)
{
    /// <summary>Media type of WebVTT (W3C WebVTT section 8).</summary>
    public const string WebVttType = "text/vtt; charset=utf-8";

    /// <summary>Name of the HLS playlist.</summary>
    public const string Playlist = "index.m3u8";

    /// <summary>Name of the file as it lies, for DASH and <c>track</c> elements.</summary>
    public const string WholeFile = "subtitles.vtt";

    /// <summary>Name of the only segment of that playlist.</summary>
    public const string Segment = "1.vtt";

    /// <summary>The subtitles of that name, or null.</summary>
    public static Subtitle? Find(OpenAsset asset, string id)
    {
        foreach (var subtitle in asset.Extras.Subtitles)
        {
            if (subtitle.Id == id)
            {
                return subtitle;
            }
        }

        return null;
    }

    /// <summary>Sends one of the files of subtitles.</summary>
    public Task SendAsync(HttpContext context, OpenAsset asset, Subtitle subtitle, string file)
    {
        switch (file)
        {
            case Playlist:
                return manifests.SendAsync(
                    context, asset, subtitle.Id, ManifestDelivery.HlsType, _ => ValueTask.FromResult(TitleManifests.TextPlaylist(asset.Tracks)));
            case Segment:
                return SendFileAsync(context, asset, subtitle, file, TitleManifests.TextSegmentHead(asset.Tracks));
            case WholeFile:
                return SendFileAsync(context, asset, subtitle, file, WebVttWriter.Signature.ToArray());
            default:
                return Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
        }
    }

    private async Task SendFileAsync(HttpContext context, OpenAsset asset, Subtitle subtitle, string file, byte[] head)
    {
        using var stored = await store.OpenAsync(ObjectKey.Subtitle(asset.Id, subtitle.Id), context.RequestAborted);
        if (stored is null || stored.Length < WebVttWriter.Signature.Length)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
            return;
        }

        await ObjectBody.SendAsync(
            context, stored, head, WebVttWriter.Signature.Length, WebVttType, Representation.Immutable, $"\"{asset.Version}-{subtitle.Id}-{file}\"");
    }
}
