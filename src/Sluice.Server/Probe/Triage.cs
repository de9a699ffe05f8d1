using Sluice.Media.Cmaf;
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
/// <param name="Tracks">Every track, in file order.</param>
internal sealed record TriageResult(string? RefusedReason, string? Reason, IReadOnlyList<TriagedTrack> Tracks);

/// <summary>Decides the least work per track, and says why. Nothing is encoded without a reason.</summary>
internal static class Triage
{
    /// <summary>The track is packaged as it lies.</summary>
    public const string Copy = "copy";

    /// <summary>The track plays only after encoding.</summary>
    public const string Encode = "encode";

    /// <summary>The track is left out.</summary>
    public const string Drop = "drop";

    /// <summary>Judges a probed source.</summary>
    public static TriageResult Judge(SourceProbe probe)
    {
        var lead = ChooseVideo(probe);
        int videos = 0, audios = 0;
        var tracks = new List<TriagedTrack>();
        foreach (var probed in probe.Tracks)
        {
            var (action, reason) = JudgeTrack(probed, lead);
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
            return new TriageResult(null, Sentence(blocking), tracks);
        }

        if (anyVideo || anyAudioCopied)
        {
            return new TriageResult(null, null, tracks);
        }

        var first = tracks.FirstOrDefault(t => t.Probed.Track.Kind is TrackKind.Video or TrackKind.Audio);
        return new TriageResult(first is null ? "it has no video and no audio" : Sentence(first), null, tracks);
    }

    private static (string Action, string Reason) JudgeTrack(ProbedTrack probed, ProbedTrack? lead)
    {
        var (track, description, scan) = probed;
        return (track.Kind, description, scan) switch
        {
            (TrackKind.Text, _, _) => (Drop, "subtitles are not offered yet"),
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
