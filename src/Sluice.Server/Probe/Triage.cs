using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;

namespace Sluice.Server.Probe;

/// <summary>What is to be done with one track.</summary>
/// <param name="Probed">The track.</param>
/// <param name="Verdict">In words for a person; its id is set when the track is copied.</param>
internal sealed record TriagedTrack(ProbedTrack Probed, TrackVerdict Verdict)
{
    /// <summary>It is packaged as it lies.</summary>
    public bool IsCopied => Verdict.Action == Triage.Copy;
}

/// <summary>The verdict on a whole source.</summary>
/// <param name="RefusedReason">Why nothing of it can ever be played; null otherwise.</param>
/// <param name="Reason">Why it needs encoding first; null when it plays.</param>
/// <param name="Loss">What is lost although it plays: its picture, its sound, its end; null when nothing is.</param>
/// <param name="Tracks">Every track, in file order.</param>
internal sealed record TriageResult(string? RefusedReason, string? Reason, string? Loss, IReadOnlyList<TriagedTrack> Tracks);

/// <summary>Decides the least work per track, and says why. Nothing is encoded without a reason.</summary>
internal static class Triage
{
    /// <summary>The track is packaged as it lies.</summary>
    public const string Copy = "copy";

    /// <summary>The track is repackaged with its samples as they are; its container is none that can be cut as it lies.</summary>
    public const string Remux = "remux";

    /// <summary>The track plays only after encoding.</summary>
    public const string Encode = "encode";

    /// <summary>The track is left out.</summary>
    public const string Drop = "drop";

    /// <summary>Subtitles that are drawn into the picture.</summary>
    public const string Burn = "burn";

    /// <summary>Why a cover is dropped.</summary>
    public const string CoverPicture = "it is a cover picture";

    /// <summary>Sample entries of still images.</summary>
    private static readonly string[] StillImages = ["jpeg", "png ", "tiff", "gif "];

    /// <summary>Probes and judges a source.</summary>
    public static TriageResult Judge(IByteSource source)
    {
        if (JudgeMovie(source, out var unreadable) is { } result)
        {
            return result;
        }

        return Containers.Recognise(source) is { } name
            ? new TriageResult(null, $"it is {name}, which is to be repackaged before it plays", null, [])
            : new TriageResult(unreadable ?? "it cannot be read", null, null, []);
    }

    /// <summary>Probes and judges a source that our own reader understands; null, with the reason, when it is none.</summary>
    public static TriageResult? JudgeMovie(IByteSource source, out string? unreadable) =>
        SourceProbe.TryRead(source, out unreadable) is { } probe ? Judge(probe) : null;

    /// <summary>Judges a probed source.</summary>
    private static TriageResult Judge(SourceProbe probe)
    {
        var lead = ChooseVideo(probe);
        int videos = 0, audios = 0;
        var tracks = new List<TriagedTrack>();
        foreach (var probed in probe.Tracks)
        {
            var (action, reason) = IsCover(probed, probe) ? (Drop, CoverPicture) : JudgeTrack(probed, lead);
            string? id = null;
            if (action == Copy)
            {
                id = probed.Track.Kind == TrackKind.Video ? $"v{videos++}" : $"a{audios++}";
            }

            tracks.Add(new TriagedTrack(probed, VerdictOn(probed, id, action, reason)));
        }

        return Conclude(tracks);
    }

    private static TriageResult Conclude(List<TriagedTrack> tracks)
    {
        var blocking = tracks.FirstOrDefault(t => IsVideo(t) && t.Verdict.Action == Encode);
        var anyVideo = tracks.Any(t => IsVideo(t) && t.Verdict.Action != Drop);
        var anyAudioCopied = tracks.Any(t => !IsVideo(t) && t.IsCopied);
        blocking ??= anyAudioCopied ? null : tracks.FirstOrDefault(t => !IsVideo(t) && t.Verdict.Action == Encode);
        if (blocking is not null)
        {
            return new TriageResult(null, Sentence(blocking), null, tracks);
        }

        if (anyVideo || anyAudioCopied)
        {
            return new TriageResult(null, null, LossOf(tracks), tracks);
        }

        var first = tracks.FirstOrDefault(t => t.Probed.Track.Kind is TrackKind.Video or TrackKind.Audio);
        return new TriageResult(first is null ? "it has no video and no audio" : Sentence(first), null, null, tracks);
    }

    /// <summary>What a viewer will miss, in one sentence, or null.</summary>
    private static string? LossOf(List<TriagedTrack> tracks)
    {
        var picture = tracks.Find(t => IsVideo(t) && t.Verdict.Action == Drop && t.Verdict.Reason != CoverPicture);
        var sound = tracks.Find(t => t.Probed.Track.Kind == TrackKind.Audio && t.Verdict.Action == Drop);
        if (picture is not null && !tracks.Exists(t => IsVideo(t) && t.IsCopied))
        {
            return $"it plays without its picture: {Sentence(picture)}";
        }

        if (sound is not null && !tracks.Exists(t => t.Probed.Track.Kind == TrackKind.Audio && t.IsCopied))
        {
            return $"it plays without its sound: {Sentence(sound)}";
        }

        return tracks.Exists(t => t.IsCopied && t.Probed.Scan is { IsTruncated: true })
            ? "the file was cut off; it plays up to there"
            : null;
    }

    private static (string Action, string Reason) JudgeTrack(ProbedTrack probed, ProbedTrack? lead)
    {
        var (track, description, scan) = probed;
        return (track.Kind, description, scan) switch
        {
            (TrackKind.Text, _, _) => (Drop, "subtitles become WebVTT beside it, where ffmpeg can read them"),
            (TrackKind.Other, _, _) => (Drop, track.IsAuxiliary ? "it is an auxiliary picture track" : "it carries neither picture nor sound"),
            _ when track.Problem is { } problem => (Drop, problem),
            (_, null, _) or (_, _, null) => (Drop, "its sample description (stsd) is damaged"),
            (TrackKind.Video, _, { SampleCount: > 0 }) when probed != lead => (Drop, "only the first video track is offered"),
            (_, { IsEncrypted: true } d, _) =>
                (Drop, $"it is encrypted ({d.EncryptionScheme ?? "unknown scheme"}) and there is no key"),
            (_, _, { Problem: { } problem, EncodingHelps: false }) => (Drop, problem),
            (_, { Problem: { } problem }, _) => (Drop, problem),
            (_, { } d, _) when CodecRules.WhyEncode(d) is { } why => (Encode, why),
            (_, _, { Problem: { } problem }) => (Encode, problem),
            (_, _, { IsTruncated: true }) => (Copy, "browsers play it as it is; the file ends before the track does"),
            _ => (Copy, "browsers play it as it is"),
        };
    }

    /// <summary>A single still image beside sound is the picture on a record's sleeve.</summary>
    private static bool IsCover(ProbedTrack probed, SourceProbe probe) =>
        probed is { Track.Kind: TrackKind.Video, Scan.SampleCount: 1, Description: { } d }
        && (d.Codec == CodecId.MotionJpeg || StillImages.Contains(d.Format.ToString()))
        && probe.Tracks.Any(t => t.Track.Kind == TrackKind.Audio && t.Scan is { SampleCount: > 0 });

    /// <summary>The first enabled video track that has samples, else the first that has any.</summary>
    private static ProbedTrack? ChooseVideo(SourceProbe probe)
    {
        var candidates = probe.Tracks.Where(t => t.Track.Kind == TrackKind.Video && t.Scan is { SampleCount: > 0 }).ToList();
        return candidates.Find(t => t.Track.Header is { IsEnabled: true }) ?? candidates.FirstOrDefault();
    }

    private static TrackVerdict VerdictOn(ProbedTrack probed, string? id, string action, string reason)
    {
        var track = probed.Track;
        var kind = track.Kind switch
        {
            TrackKind.Video => "video",
            TrackKind.Audio => "audio",
            TrackKind.Text => "text",
            _ => "other",
        };
        return new TrackVerdict(
            id, kind, probed.Description?.Description ?? track.Handler.ToString(), action, reason,
            probed.Description?.Codecs, Languages.ToBcp47(track.Language), track.Name);
    }

    private static string Sentence(TriagedTrack track) => $"{track.Verdict.Kind} {track.Verdict.Description}: {track.Verdict.Reason}";

    private static bool IsVideo(TriagedTrack track) => track.Probed.Track.Kind == TrackKind.Video;
}
