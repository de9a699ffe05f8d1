using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;
using Sluice.Media.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Package;

namespace Sluice.Server.Deliver;

/// <summary>
/// What the manifests of a title say, whether they are rendered for each request or written once for others to serve.
/// <code>
///   master.m3u8 · manifest.mpd
///   {folder}{track}/index.m3u8 · init.mp4 · 1.m4s · 2.m4s …
///   {folder}{subtitles}/index.m3u8 · 1.vtt · subtitles.vtt
/// </code>
/// </summary>
internal static class TitleManifests
{
    private const uint Microseconds = 1_000_000;

    /// <summary>The multivariant playlist.</summary>
    /// <param name="tracks">What is offered, video first.</param>
    /// <param name="folder">What comes before the tracks' folders in URIs: empty or ending in a slash.</param>
    /// <param name="texts">Subtitles, by their playlists.</param>
    public static ManifestTemplate Multivariant(IReadOnlyList<StoredTrack> tracks, string folder, IReadOnlyList<SubtitleTrack> texts) =>
        HlsMultivariantWriter.Write([.. tracks.Select(t => t.Summary)], track => $"{folder}{track.Id}/{SubtitleDelivery.Playlist}", texts);

    /// <summary>The media playlist of one of the tracks, which lies beside its segments.</summary>
    /// <param name="track">The track.</param>
    /// <param name="tracks">All that are offered.</param>
    /// <param name="ct">Cancels the reading of its table.</param>
    /// <param name="keyUri">Where the key of its segments is; null when they are not encrypted.</param>
    public static async ValueTask<ManifestTemplate> MediaAsync(
        StoredTrack track, IReadOnlyList<StoredTrack> tracks, CancellationToken ct, string? keyUri = null) =>
        HlsMediaWriter.Write(
            await track.ReadTimingsAsync(ct),
            track.Summary.Timescale,
            new SegmentUris { Init = "init.mp4", Suffix = ".m4s" },
            track.Summary.IndependentSegments,
            HlsTargetDuration.Of(tracks.Select(t => t.Summary)),
            keyUri: keyUri);

    /// <summary>The MPD.</summary>
    /// <param name="tracks">What is offered, video first.</param>
    /// <param name="folder">As for <see cref="Multivariant"/>.</param>
    /// <param name="texts">Subtitles, as whole files.</param>
    /// <param name="ct">Cancels the reading of the tables.</param>
    public static async ValueTask<ManifestTemplate> MpdAsync(
        IReadOnlyList<StoredTrack> tracks, string folder, IReadOnlyList<SubtitleTrack> texts, CancellationToken ct)
    {
        var timed = new List<(TrackSummary, SegmentTiming[])>();
        foreach (var track in tracks)
        {
            timed.Add((track.Summary, await track.ReadTimingsAsync(ct)));
        }

        return AssetManifests.Mpd(timed, folder, texts);
    }

    /// <summary>Subtitles as manifests name them.</summary>
    /// <param name="subtitles">The subtitles.</param>
    /// <param name="folder">As for <see cref="Multivariant"/>.</param>
    /// <param name="file">Which of their files: <see cref="SubtitleDelivery.Playlist"/> or <see cref="SubtitleDelivery.WholeFile"/>.</param>
    public static IEnumerable<SubtitleTrack> Texts(IEnumerable<Subtitle> subtitles, string folder, string file) =>
        subtitles.Select(s => new SubtitleTrack
        {
            Id = s.Id,
            Uri = $"{folder}{s.Id}/{file}",
            Language = s.Language,
            Name = s.Name,
            IsDefault = s.IsDefault,
            IsForced = s.IsForced,
        });

    /// <summary>The playlist of subtitles: one segment as long as the title.</summary>
    public static ManifestTemplate TextPlaylist(IReadOnlyList<StoredTrack> tracks)
    {
        var summaries = tracks.Select(t => t.Summary).ToList();
        var start = summaries.Min(t => Ticks.Rescale(t.StartTicks, t.Timescale, Microseconds));
        var end = summaries.Max(t => Ticks.Rescale(t.EndTicks, t.Timescale, Microseconds));
        return HlsMediaWriter.Write(
            [new SegmentTiming(0, Math.Max(1, end - start))], Microseconds, new SegmentUris { Suffix = ".vtt" }, independentSegments: false);
    }

    /// <summary>What the segment of that playlist begins with, in the place of the file's signature: its times count from the title's beginning,
    /// and this says where that lies on the tracks' timeline.</summary>
    public static byte[] TextSegmentHead(IReadOnlyList<StoredTrack> tracks)
    {
        var first = AssetManifests.FirstOf(tracks.Select(t => t.Summary));
        return [.. WebVttWriter.Signature, .. WebVttWriter.TimestampMap(first.StartTicks, first.Timescale)];
    }
}
