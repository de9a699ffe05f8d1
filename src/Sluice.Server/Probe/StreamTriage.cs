using Sluice.Server.Catalog;

namespace Sluice.Server.Probe;

/// <summary>Decides the least work per stream of a source that is no MP4, and says why.</summary>
internal static class StreamTriage
{
    /// <summary>Said of what will be offered as it is too.</summary>
    private const string Follows = "the original follows";

    private const string WaitsForNobody = $"it is encoded beside the picture, so that nobody waits for the whole file to be repackaged; {Follows}";

    private const string PlaysOn = $"it is encoded, so that the title plays on meanwhile; {Follows}";

    /// <summary>Judges a source by ffprobe's facts.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="mayRemux">Good codecs are repackaged; false when that was tried in vain.</param>
    /// <param name="burned">Subtitles that are drawn into the picture; null for none.</param>
    /// <param name="whyNot">Why nothing is repackaged, when it may not be.</param>
    /// <param name="encodesAll">All is encoded first, for the title is to play at once, whatever it is; good codecs are repackaged later.</param>
    public static SourceVerdict Judge(
        SourceFacts facts, bool mayRemux = true, StreamFacts? burned = null, bool encodesAll = false, string whyNot = "it could not be repackaged")
    {
        var picture = facts.Picture;
        var whyNoRemux = !mayRemux ? whyNot
            : burned is not null || (picture is not null && JudgeStream(picture, facts, null).Action == Triage.Encode) ? WaitsForNobody
            : encodesAll ? PlaysOn
            : null;
        int videos = 0, audios = 0;
        var tracks = new List<SourceTrack>();
        foreach (var stream in facts.Streams)
        {
            var (action, reason) = stream switch
            {
                { Kind: StreamKind.Video, IsCover: false } when stream != picture => (Triage.Drop, "only the first video track is offered"),
                _ when burned is not null && stream == burned => (Triage.Burn, "drawn into the picture"),
                _ when burned is not null && stream == picture && stream.IsDecodable => (Triage.Encode, "subtitles are drawn into it"),
                _ => JudgeStream(stream, facts, whyNoRemux),
            };
            var follows = action == Triage.Encode && mayRemux && MayFollow(stream, facts) && (burned is null || stream != picture);
            reason += follows && !reason.EndsWith(Follows, StringComparison.Ordinal) ? $"; {Follows}" : "";
            var id = action != Triage.Remux ? null : stream.Kind == StreamKind.Video ? $"v{videos++}" : $"a{audios++}";
            tracks.Add(new SourceTrack(VerdictOn(stream, id, action, reason), null, stream) { Follows = follows });
        }

        return Conclude(facts, tracks);
    }

    /// <summary>Some browsers at least play the stream as it is, once it is repackaged: it may be offered beside what was encoded of it.</summary>
    public static bool MayFollow(StreamFacts stream, SourceFacts facts) =>
        stream is { IsDecodable: true, IsEncrypted: false, IsCover: false, Kind: StreamKind.Video or StreamKind.Audio }
        && CodecRules.WhyEncode(CodecShape.Of(stream)) is null && !IsUntimed(stream, facts);

    private static SourceVerdict Conclude(SourceFacts facts, List<SourceTrack> tracks)
    {
        var media = tracks.FindAll(t => t.Stream is { Kind: StreamKind.Video or StreamKind.Audio, IsCover: false });
        var kept = media.FindAll(t => t.Verdict.Action != Triage.Drop);
        if (kept.Count == 0)
        {
            var refused = media.Count == 0 ? "it has no video and no audio" : media[0].Sentence;
            return new SourceVerdict(SourceFate.Refused, refused, null, tracks, null, facts);
        }

        var encoded = kept.Find(t => t.IsVideo && t.Verdict.Action == Triage.Encode)
            ?? (kept.Exists(t => t.Verdict.Action == Triage.Remux) ? null : kept[0]);
        return encoded is not null
            ? new SourceVerdict(SourceFate.Encode, encoded.Sentence, LossOf(facts, media), tracks, null, facts)
            : new SourceVerdict(
                SourceFate.Remux, $"{facts.Container} is repackaged before it plays, {What(kept)} is encoded", LossOf(facts, media), tracks, null, facts);
    }

    private static string What(List<SourceTrack> kept) => kept.Exists(t => t.Verdict.Action == Triage.Encode) ? "only sound of it" : "nothing of it";

    private static (string Action, string Reason) JudgeStream(StreamFacts stream, SourceFacts facts, string? whyNoRemux) => stream switch
    {
        { IsCover: true } => (Triage.Drop, Triage.CoverPicture),
        { Kind: StreamKind.Text, IsImageText: true } => (Triage.Drop, "subtitles that are pictures are shown only when drawn into the picture"),
        { Kind: StreamKind.Text } => (Triage.Drop, "subtitles become WebVTT beside it, where ffmpeg can read them"),
        { Kind: StreamKind.Other } => (Triage.Drop, "it carries neither picture nor sound"),
        { IsEncrypted: true } => (Triage.Drop, "it is encrypted and there is no key"),
        { EndSeconds: null } when facts.IsMeasured => (Triage.Drop, "it is empty"),
        { Kind: StreamKind.Video } when stream.Width == 0 || stream.Height == 0 => (Triage.Drop, "the size of its picture is not known"),
        { Kind: StreamKind.Audio } when stream.SampleRate == 0 || stream.Channels == 0 => (Triage.Drop, "its sound cannot be understood"),
        _ when WhyEncode(stream, facts) is { } why => stream.IsDecodable ? (Triage.Encode, why) : (Triage.Drop, $"{why}, and it cannot be decoded here"),
        { IsDecodable: true } when whyNoRemux is not null => (Triage.Encode, whyNoRemux),
        _ => (Triage.Remux, $"{stream.Codec} in {facts.Container}: repackaged, not encoded"),
    };

    private static string? WhyEncode(StreamFacts stream, SourceFacts facts) =>
        CodecRules.WhyEncode(CodecShape.Of(stream))
        // In an MP4 it is copied beside what is encoded; elsewhere that would cost a pass over the file before anything plays.
        ?? (stream.Codec == "hevc" ? "not all browsers play HEVC" : null)
        ?? (IsUntimed(stream, facts) ? $"{facts.Container} does not say when its pictures are to be shown" : null);

    private static bool IsUntimed(StreamFacts stream, SourceFacts facts) =>
        stream is { Kind: StreamKind.Video, ReorderedFrames: > 0 } && (facts.Format == "avi" || ContainerNames.IsTimeless(facts.Format));

    private static string? LossOf(SourceFacts facts, List<SourceTrack> media)
    {
        var picture = media.Find(t => t.IsVideo);
        var sound = media.Find(t => t.IsAudio);
        if (picture is not null && !media.Exists(t => t.IsVideo && t.Verdict.Action != Triage.Drop))
        {
            return $"it plays without its picture: {picture.Sentence}";
        }

        return sound is not null && !media.Exists(t => t.IsAudio && t.Verdict.Action != Triage.Drop)
            ? $"it plays without its sound: {sound.Sentence}"
            : facts.TruncatedNote;
    }

    private static TrackVerdict VerdictOn(StreamFacts stream, string? id, string action, string reason)
    {
        var kind = stream.Kind switch
        {
            StreamKind.Video => "video",
            StreamKind.Audio => "audio",
            StreamKind.Text => "text",
            _ => "other",
        };
        return new TrackVerdict(id, kind, StreamText.Of(stream), action, reason, null, stream.Language, stream.Title);
    }
}
