using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;
using Sluice.Media.Text;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends subtitles that lie between the frames of a film elsewhere. In HLS they have the segments of the picture, with the cues that begin there; their times
/// count from the title's zero, and a header line says where that lies on the segments' timeline. DASH has them as one file, where so little of the film
/// holds all of them that they can be asked for at once.
/// </summary>
internal static class MadeSubtitleDelivery
{
    private const string Suffix = ".vtt";

    /// <summary>The subtitles of that name, or null.</summary>
    public static MadeSubtitles? Find(OpenAsset asset, string id) => asset.Texts?.Subtitles.FirstOrDefault(s => s.Id == id);

    /// <summary>All of them as the multivariant playlist names them.</summary>
    public static IEnumerable<SubtitleTrack> TracksOf(OpenAsset asset) =>
        (asset.Texts?.Subtitles ?? []).Select(s => Named(asset, s, SubtitleDelivery.Playlist));

    /// <summary>Those that come as one file, as the MPD names them.</summary>
    public static IEnumerable<SubtitleTrack> WholeOf(OpenAsset asset) =>
        (asset.Texts?.Subtitles ?? []).Where(s => s.IsCompact).Select(s => Named(asset, s, SubtitleDelivery.WholeFile));

    /// <summary>Sends one of the files of subtitles.</summary>
    public static async Task SendAsync(HttpContext context, OpenAsset asset, MadeSubtitles subtitles, string file)
    {
        if (file == SubtitleDelivery.Playlist)
        {
            await context.RequestServices.GetRequiredService<ManifestDelivery>().SendAsync(
                context, asset, subtitles.Id, ManifestDelivery.HlsType, ct => PlaylistAsync(asset, ct));
            return;
        }

        var text = file == SubtitleDelivery.WholeFile && subtitles.IsCompact ? await WholeAsync(asset, subtitles, context.RequestAborted)
            : SegmentNumber.TryRead(file, Suffix, out var number) ? await SegmentAsync(asset, subtitles, number, context.RequestAborted)
            : null;
        if (text is null)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
            return;
        }

        var range = Representation.Begin(
            context, SubtitleDelivery.WebVttType, Representation.Immutable, text.Length, $"\"{asset.Version}-{subtitles.Id}-{file}\"");
        if (range.Length > 0)
        {
            await context.Response.BodyWriter.WriteAsync(text.AsMemory((int)range.Start, (int)range.Length), context.RequestAborted);
        }
    }

    private static SubtitleTrack Named(OpenAsset asset, MadeSubtitles subtitles, string file) => new()
    {
        Id = subtitles.Id,
        Uri = $"{asset.Version}/{subtitles.Id}/{file}",
        Language = subtitles.Language,
        Name = subtitles.Name,
        IsDefault = subtitles.IsDefault,
        IsForced = subtitles.IsForced,
    };

    private static async ValueTask<ManifestTemplate> PlaylistAsync(OpenAsset asset, CancellationToken ct) => HlsMediaWriter.Write(
        await asset.Tracks[0].ReadTimingsAsync(ct),
        asset.Tracks[0].Summary.Timescale,
        new SegmentUris { Suffix = Suffix },
        independentSegments: false,
        HlsTargetDuration.Of(asset.Tracks.Select(t => t.Summary)));

    /// <summary>What begins before the first segment is in the first, and what begins after the last is in the last.</summary>
    private static async Task<byte[]?> SegmentAsync(OpenAsset asset, MadeSubtitles subtitles, int number, CancellationToken ct)
    {
        var (leader, texts) = (asset.Tracks[0], asset.Texts!);
        if (await leader.FindTimingAsync(number, ct) is not { } timing)
        {
            return null;
        }

        var from = number == 1 ? long.MinValue : InMilliseconds(timing.StartTicks);
        var to = number == leader.Summary.SegmentCount ? long.MaxValue : InMilliseconds(timing.StartTicks + timing.DurationTicks);
        return await texts.CuesAsync(subtitles.Id, from, to, ct) is { } cues
            ? [.. WebVttWriter.Signature, .. WebVttWriter.TimestampMap(texts.OriginSeconds, 1), .. WebVttWriter.Write(cues).AsSpan(WebVttWriter.Signature.Length)]
            : null;

        long InMilliseconds(long ticks) => Ticks.Rescale(ticks, leader.Summary.Timescale, 1000);
    }

    /// <summary>All cues, by times that count from where the title begins to be presented.</summary>
    private static async Task<byte[]?> WholeAsync(OpenAsset asset, MadeSubtitles subtitles, CancellationToken ct)
    {
        var (texts, first) = (asset.Texts!, AssetManifests.FirstOf(asset.Tracks.Select(t => t.Summary)));
        var begin = Ticks.Rescale(first.StartTicks, first.Timescale, 1000) - (texts.OriginSeconds * 1000);
        return await texts.CuesAsync(subtitles.Id, long.MinValue, long.MaxValue, ct) is { } cues
            ? WebVttWriter.Write(cues.Where(c => c.EndMilliseconds > begin).Select(c => c with
            {
                StartMilliseconds = Math.Max(0, c.StartMilliseconds - begin),
                EndMilliseconds = c.EndMilliseconds - begin,
            }))
            : null;
    }
}
