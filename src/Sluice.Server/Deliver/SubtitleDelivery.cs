using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;
using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
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

    private const string Segment = "1.vtt";
    private const uint Microseconds = 1_000_000;

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

    /// <summary>All subtitles as manifests name them, by one of the files above.</summary>
    public static IReadOnlyList<SubtitleTrack> TracksOf(OpenAsset asset, string file) =>
    [
        .. asset.Extras.Subtitles.Select(s => new SubtitleTrack
        {
            Id = s.Id,
            Uri = $"{asset.Version}/{s.Id}/{file}",
            Language = s.Language,
            Name = s.Name,
            IsDefault = s.IsDefault,
            IsForced = s.IsForced,
        }),
    ];

    /// <summary>Sends one of the files of subtitles.</summary>
    public Task SendAsync(HttpContext context, OpenAsset asset, Subtitle subtitle, string file)
    {
        switch (file)
        {
            case Playlist:
                return manifests.SendAsync(
                    context, asset, subtitle.Id, ManifestDelivery.HlsType, _ => ValueTask.FromResult(PlaylistOf(asset)));
            case Segment:
                var first = AssetManifests.FirstOf(asset.Tracks.Select(t => t.Summary));
                return SendFileAsync(context, asset, subtitle, file, WebVttWriter.TimestampMap(first.StartTicks, first.Timescale));
            case WholeFile:
                return SendFileAsync(context, asset, subtitle, file, []);
            default:
                return Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
        }
    }

    private static ManifestTemplate PlaylistOf(OpenAsset asset)
    {
        var tracks = asset.Tracks.Select(t => t.Summary).ToList();
        var start = tracks.Min(t => Ticks.Rescale(t.StartTicks, t.Timescale, Microseconds));
        var end = tracks.Max(t => Ticks.Rescale(t.EndTicks, t.Timescale, Microseconds));
        return HlsMediaWriter.Write(
            [new SegmentTiming(0, Math.Max(1, end - start))], Microseconds, new SegmentUris { Suffix = ".vtt" }, independentSegments: false);
    }

    private async Task SendFileAsync(HttpContext context, OpenAsset asset, Subtitle subtitle, string file, byte[] header)
    {
        using var stored = await store.OpenAsync(ObjectKey.Subtitle(asset.Id, subtitle.Id), context.RequestAborted);
        if (stored is null || stored.Length < WebVttWriter.Signature.Length)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
            return;
        }

        byte[] head = [.. WebVttWriter.Signature, .. header];
        await ObjectBody.SendAsync(
            context, stored, head, WebVttWriter.Signature.Length, WebVttType, Representation.Immutable, $"\"{asset.Version}-{subtitle.Id}-{file}\"");
    }
}
