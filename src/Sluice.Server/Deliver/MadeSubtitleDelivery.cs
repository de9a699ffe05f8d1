using Sluice.Media.Hls;
using Sluice.Media.Manifests;
using Sluice.Media.Text;
using Sluice.Server.Hosting;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends subtitles that lie between the frames of a film elsewhere: nobody has all of them, so that there is no whole file (and none in DASH). In HLS
/// they have the segments of the picture, with the cues that begin there; their times are the source's, and a header line says where its beginning
/// lies on the segments' timeline.
/// </summary>
internal static class MadeSubtitleDelivery
{
    private const string Suffix = ".vtt";

    /// <summary>The subtitles of that name, or null.</summary>
    public static MadeSubtitles? Find(OpenAsset asset, string id) => asset.Maker?.Subtitles.FirstOrDefault(s => s.Id == id);

    /// <summary>All of them as the multivariant playlist names them.</summary>
    public static IEnumerable<SubtitleTrack> TracksOf(OpenAsset asset) => (asset.Maker?.Subtitles ?? []).Select(s => new SubtitleTrack
    {
        Id = s.Id,
        Uri = $"{asset.Version}/{s.Id}/{SubtitleDelivery.Playlist}",
        Language = s.Language,
        Name = s.Name,
        IsDefault = s.IsDefault,
        IsForced = s.IsForced,
    });

    /// <summary>Sends one of the files of subtitles.</summary>
    public static async Task SendAsync(HttpContext context, OpenAsset asset, MadeSubtitles subtitles, string file)
    {
        if (file == SubtitleDelivery.Playlist)
        {
            await context.RequestServices.GetRequiredService<ManifestDelivery>().SendAsync(
                context, asset, subtitles.Id, ManifestDelivery.HlsType, ct => PlaylistAsync(asset, ct));
        }
        else if (!SegmentNumber.TryRead(file, Suffix, out var number)
            || await asset.Maker!.CuesAsync(subtitles.Id, number, context.RequestAborted) is not { } cues)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
        }
        else
        {
            await SendAsync(context, Write(cues, asset.Maker.OriginSeconds), $"\"{asset.Version}-{subtitles.Id}-{number}\"");
        }
    }

    private static async ValueTask<ManifestTemplate> PlaylistAsync(OpenAsset asset, CancellationToken ct) => HlsMediaWriter.Write(
        await asset.Tracks[0].ReadTimingsAsync(ct),
        asset.Tracks[0].Summary.Timescale,
        new SegmentUris { Suffix = Suffix },
        independentSegments: false,
        HlsTargetDuration.Of(asset.Tracks.Select(t => t.Summary)));

    private static byte[] Write(IReadOnlyList<Cue> cues, long originSeconds) =>
        [.. WebVttWriter.Signature, .. WebVttWriter.TimestampMap(originSeconds, 1), .. WebVttWriter.Write(cues).AsSpan(WebVttWriter.Signature.Length)];

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body, string etag)
    {
        var range = Representation.Begin(context, SubtitleDelivery.WebVttType, Representation.Immutable, body.Length, etag);
        if (range.Length > 0)
        {
            await context.Response.BodyWriter.WriteAsync(body.Slice((int)range.Start, (int)range.Length), context.RequestAborted);
        }
    }
}
