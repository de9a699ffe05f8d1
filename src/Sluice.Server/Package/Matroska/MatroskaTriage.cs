using Sluice.Media.IsoBmff;
using Sluice.Media.Matroska;
using Sluice.Server.Catalog;
using Sluice.Server.Probe;

namespace Sluice.Server.Package.Matroska;

/// <summary>What of a Matroska file is offered as it lies.</summary>
/// <param name="Reason">Why it does not play so; null when it does.</param>
/// <param name="Verdicts">On every track, in the file's order.</param>
/// <param name="Offered">The tracks that are offered, by their names in URLs, picture first.</param>
/// <param name="Texts">The subtitles that are offered, likewise.</param>
/// <param name="DefaultSound">Name of the sound to be played by default; null for none.</param>
internal sealed record MatroskaTriage(
    string? Reason,
    IReadOnlyList<TrackVerdict> Verdicts,
    IReadOnlyDictionary<string, MatroskaTrack> Offered,
    IReadOnlyDictionary<string, MatroskaTrack> Texts,
    string? DefaultSound)
{
    /// <summary>Codecs of subtitles that are pictures, with ffmpeg's names.</summary>
    private static readonly Dictionary<string, string> ImageCodecs = new(StringComparer.Ordinal)
    {
        ["S_HDMV/PGS"] = DrawableSubtitles.Pgs,
        ["S_VOBSUB"] = DrawableSubtitles.Dvd,
        ["S_DVBSUB"] = DrawableSubtitles.Dvb,
    };

    /// <summary>There is a picture, and it is offered.</summary>
    public bool PicturePlays => Offered.ContainsKey("v0");

    /// <summary>Sounds that play only after encoding, by their place among the streams of the file as ffmpeg counts them.</summary>
    public IReadOnlyList<(uint Stream, TrackVerdict Verdict)> ToEncode { get; private init; } = [];

    /// <summary>Subtitles that are pictures, likewise.</summary>
    public IReadOnlyList<DrawableSubtitles> Drawable { get; private init; } = [];

    /// <summary>Judges the tracks of a file by what all browsers play.</summary>
    public static MatroskaTriage Judge(IReadOnlyList<MatroskaTrack> tracks)
    {
        var (offered, texts) = (new Dictionary<string, MatroskaTrack>(StringComparer.Ordinal), new Dictionary<string, MatroskaTrack>(StringComparer.Ordinal));
        var lead = tracks.FirstOrDefault(t => t.Kind == TrackKind.Video);
        var verdicts = new List<TrackVerdict>();
        var audios = 0;
        foreach (var track in tracks)
        {
            var (action, reason) = JudgeTrack(track, lead);
            var id = action == Triage.Copy && track.Kind != TrackKind.Text ? (track == lead ? "v0" : $"a{audios++}") : null;
            if (id is not null)
            {
                offered.Add(id, track);
            }
            else if (action == Triage.Copy)
            {
                texts.Add($"s{texts.Count}", track);
            }

            verdicts.Add(new TrackVerdict(
                id, KindOf(track), track.Description?.Description ?? track.CodecName, action, reason, track.Description?.Codecs, track.Language, track.Name));
        }

        var ordered = offered.OrderBy(t => t.Key == "v0" ? 0 : 1).ToDictionary(StringComparer.Ordinal);
        var sound = ordered.FirstOrDefault(t => t.Value is { Kind: TrackKind.Audio, IsDefault: true }).Key ?? ordered.Keys.FirstOrDefault(k => k != "v0");
        var streams = tracks.Zip(verdicts).Where(t => t.First.Kind != TrackKind.Other).Index().ToList();
        return new MatroskaTriage(WhyNot(verdicts), verdicts, ordered, texts, sound)
        {
            ToEncode = [.. streams.Where(s => s.Item.Second is { Kind: "audio", Action: Triage.Encode }).Select(s => ((uint)s.Index, s.Item.Second))],
            Drawable = lead is null ? [] :
            [
                .. streams.Where(s => ImageCodecs.ContainsKey(s.Item.First.CodecName))
                    .Select(s => new DrawableSubtitles(s.Index, ImageCodecs[s.Item.First.CodecName], s.Item.First.Language, s.Item.First.Name)),
            ],
        };
    }

    /// <summary>The picture, or the lack of any sound, that keeps the whole from playing.</summary>
    private static string? WhyNot(List<TrackVerdict> verdicts)
    {
        var media = verdicts.FindAll(v => v.Kind is "video" or "audio");
        var picture = media.Find(v => v.Kind == "video" && v.Action == Triage.Encode);
        var hasSound = media.Exists(v => v is { Kind: "audio", Action: Triage.Copy });
        var stuck = picture ?? (hasSound ? null : media.Find(v => v is { Kind: "audio", Action: Triage.Encode }));
        return stuck is not null ? $"{stuck.Kind} {stuck.Description}: {stuck.Reason}"
            : media.Exists(v => v.Action == Triage.Copy) ? null
            : "it has no video and no audio";
    }

    private static (string Action, string Reason) JudgeTrack(MatroskaTrack track, MatroskaTrack? lead) => track switch
    {
        { Kind: TrackKind.Text } when MatroskaSubtitles.AreIn(track) => (Triage.Copy, "subtitles of text become WebVTT"),
        { Kind: TrackKind.Text } => (Triage.Drop, "subtitles that are pictures are shown only when drawn into the picture"),
        { Kind: TrackKind.Other } => (Triage.Drop, "it carries neither picture nor sound"),
        { Kind: TrackKind.Video } when track != lead => (Triage.Drop, "only the first video track is offered"),
        { Description: null } => (Triage.Encode, track.Problem ?? "it cannot be copied"),
        { Description: { } d } when CodecRules.WhyEncode(d) is { } why => (Triage.Encode, why),
        { Description.Codec: Media.Codecs.CodecId.Hevc } => (Triage.Encode, "not all browsers play HEVC"),
        _ => (Triage.Copy, "browsers play it as it is"),
    };

    private static string KindOf(MatroskaTrack track) => track.Kind switch
    {
        TrackKind.Video => "video",
        TrackKind.Audio => "audio",
        TrackKind.Text => "text",
        _ => "other",
    };
}
