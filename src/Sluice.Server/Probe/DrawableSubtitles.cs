using Sluice.Media.IsoBmff;

namespace Sluice.Server.Probe;

/// <summary>Subtitles of a source that are pictures, which are shown only when they are drawn into the picture.</summary>
/// <param name="Track">Their place among the tracks of the source, from 0, as ffmpeg counts them.</param>
/// <param name="Codec">ffmpeg's name, such as <c>hdmv_pgs_subtitle</c>.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">The file's own name of them, or null.</param>
internal sealed record DrawableSubtitles(int Track, string Codec, string? Language, string? Name)
{
    /// <summary>Subtitles of Blu-ray discs.</summary>
    public const string Pgs = "hdmv_pgs_subtitle";

    /// <summary>Subtitles of DVDs.</summary>
    public const string Dvd = "dvd_subtitle";

    /// <summary>Subtitles of European television.</summary>
    public const string Dvb = "dvb_subtitle";

    /// <summary>Those of a source; none when it has no picture to draw into.</summary>
    public static IReadOnlyList<DrawableSubtitles> Of(SourceFacts facts) => facts.Picture is not { IsDecodable: true } ? [] :
    [
        .. facts.Streams.Index().Where(s => BurnChoice.CanBeDrawn(s.Item)).Select(s => new DrawableSubtitles(s.Index, s.Item.Codec, s.Item.Language, s.Item.Title)),
    ];

    /// <summary>Those of an MP4 by its headers: DVD subtitles, in a track of their own kind.</summary>
    public static IReadOnlyList<DrawableSubtitles> Of(IReadOnlyList<TriagedTrack> tracks) => !tracks.Any(t => t.Probed.Track.Kind == TrackKind.Video) ? [] :
    [
        .. tracks.Index().Where(t => t.Item.Probed.Track is { Problem: null, SampleEntries: [[_, _, _, _, (byte)'m', (byte)'p', (byte)'4', (byte)'s', ..], ..] } track
            && track.Handler == "subp").Select(t => new DrawableSubtitles(t.Index, Dvd, t.Item.Verdict.Language, t.Item.Verdict.Name)),
    ];
}
