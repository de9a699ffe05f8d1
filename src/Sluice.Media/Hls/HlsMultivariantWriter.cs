using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Hls;

/// <summary>Writes the multivariant playlist of an asset whose tracks are demuxed (RFC 8216 section 4.3.4; VIDEO-RANGE
/// from draft-pantos-hls-rfc8216bis section 4.4.6.2).</summary>
public static class HlsMultivariantWriter
{
    private const string SubtitleGroup = "subtitles";

    /// <summary>A variant for each video track and audio group; without video, one for each audio group.</summary>
    /// <param name="tracks">The asset's tracks; neither video nor audio is passed over.</param>
    /// <param name="playlistUri">URI of a track's media playlist, absolute or relative, without a query.</param>
    /// <param name="subtitles">Subtitles that every variant offers.</param>
    /// <exception cref="ArgumentException">There is neither video nor audio, or a URI has a query or a character
    /// that must be percent-encoded.</exception>
    public static ManifestTemplate Write(
        IReadOnlyCollection<TrackSummary> tracks, Func<TrackSummary, string> playlistUri, IReadOnlyList<SubtitleTrack>? subtitles = null)
    {
        var videos = tracks.Where(static t => t.Kind == TrackKind.Video).ToList();
        var groups = AudioGroup.Of(tracks);
        if (videos.Count == 0 && groups.Count == 0)
        {
            throw new ArgumentException("Nothing to play: neither video nor audio.", nameof(tracks));
        }

        var playlist = new ManifestBuilder(QueryEscaping.None);
        playlist.Append("#EXTM3U\n#EXT-X-VERSION:7\n"u8);
        if (videos.Concat(Tracks(groups)).All(static t => t.IndependentSegments))
        {
            playlist.Append("#EXT-X-INDEPENDENT-SEGMENTS\n"u8);
        }

        // A lone audio track needs no menu: its playlist is the variant.
        var hasMenu = videos.Count > 0 || groups.Count > 1 || groups[0].Renditions.Count > 1;
        foreach (var group in hasMenu ? groups : [])
        {
            WriteMenu(playlist, group, playlistUri);
        }

        var choices = SubtitleChoice.Of(subtitles ?? []);
        WriteSubtitles(playlist, choices);

        foreach (var video in videos)
        {
            foreach (var group in groups.DefaultIfEmpty())
            {
                WriteVariant(playlist, video, group, playlistUri(video), choices.Count > 0);
            }
        }

        foreach (var group in videos.Count == 0 ? groups : [])
        {
            var main = group.Renditions.Single(static r => r.IsDefault).Track;
            WriteVariant(playlist, null, group, playlistUri(main), choices.Count > 0, hasMenu);
        }

        return playlist.Build();
    }

    private static IEnumerable<TrackSummary> Tracks(IEnumerable<AudioGroup> groups) =>
        groups.SelectMany(static g => g.Renditions).Select(static r => r.Track);

    private static void WriteMenu(ManifestBuilder playlist, AudioGroup group, Func<TrackSummary, string> playlistUri)
    {
        foreach (var rendition in group.Renditions)
        {
            playlist.Append($"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{group.Id}\",NAME=\"{rendition.Name}\"");
            if (rendition.Language is not null)
            {
                playlist.Append($",LANGUAGE=\"{rendition.Language}\"");
            }

            playlist.Append($",DEFAULT={YesNo(rendition.IsDefault)},AUTOSELECT={YesNo(rendition.AutoSelect)}");
            if (rendition.Track.ChannelCount > 0)
            {
                playlist.Append($",CHANNELS=\"{rendition.Track.ChannelCount}\"");
            }

            playlist.Append(",URI=\""u8);
            playlist.AppendUri(playlistUri(rendition.Track));
            playlist.Append("\"\n"u8);
        }
    }

    private static void WriteSubtitles(ManifestBuilder playlist, IReadOnlyList<SubtitleChoice> choices)
    {
        foreach (var choice in choices)
        {
            playlist.Append($"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{SubtitleGroup}\",NAME=\"{choice.Name}\"");
            playlist.Append(choice.Language is null ? "" : $",LANGUAGE=\"{choice.Language}\"");
            playlist.Append($",DEFAULT={YesNo(choice.IsDefault)},AUTOSELECT={YesNo(choice.AutoSelect)}");
            playlist.Append($",FORCED={YesNo(choice.Track.IsForced)},URI=\"");
            playlist.AppendUri(choice.Track.Uri);
            playlist.Append("\"\n"u8);
        }
    }

    private static void WriteVariant(
        ManifestBuilder playlist, TrackSummary? video, AudioGroup? group, string uri, bool hasSubtitles, bool refersToGroup = true)
    {
        var audio = group?.Renditions.Select(static r => r.Track).ToList() ?? [];
        var codecs = string.Join(',', audio.Prepend(video).OfType<TrackSummary>()
            .Select(static t => SafeText.Codecs(t.Codecs)).Where(static c => c.Length > 0).Distinct(StringComparer.Ordinal));

        playlist.Append($"#EXT-X-STREAM-INF:BANDWIDTH={Sum(video, audio, static t => t.PeakBitsPerSecond)}");
        playlist.Append($",AVERAGE-BANDWIDTH={Sum(video, audio, static t => t.AverageBitsPerSecond)}");
        playlist.Append(codecs.Length > 0 ? $",CODECS=\"{codecs}\"" : "");
        if (video is not null)
        {
            WritePicture(playlist, video);
        }

        if (group is not null && refersToGroup)
        {
            playlist.Append($",AUDIO=\"{group.Id}\"");
        }

        playlist.Append(hasSubtitles ? $",SUBTITLES=\"{SubtitleGroup}\"" : "");
        playlist.Append(video is null ? "\n" : ",CLOSED-CAPTIONS=NONE\n");
        playlist.AppendUri(uri);
        playlist.Append("\n"u8);
    }

    private static void WritePicture(ManifestBuilder playlist, TrackSummary video)
    {
        if (video is { DisplayWidth: > 0, DisplayHeight: > 0 })
        {
            playlist.Append($",RESOLUTION={video.DisplayWidth}x{video.DisplayHeight}");
        }

        if (video.FrameRate is { Numerator: > 0, Denominator: > 0 } rate)
        {
            var framesPerSecond = Math.Round((decimal)rate.Numerator / rate.Denominator, 3, MidpointRounding.AwayFromZero);
            playlist.Append(",FRAME-RATE=" + framesPerSecond.ToString("F3", CultureInfo.InvariantCulture));
        }

        if (video.VideoRange is "SDR" or "PQ" or "HLG")
        {
            playlist.Append($",VIDEO-RANGE={video.VideoRange}");
        }
    }

    private static long Sum(TrackSummary? video, List<TrackSummary> audio, Func<TrackSummary, long> bitsPerSecond) =>
        Math.Max(1, (video is null ? 0 : bitsPerSecond(video)) + audio.Select(bitsPerSecond).DefaultIfEmpty(0).Max());

    private static string YesNo(bool value) => value ? "YES" : "NO";
}
