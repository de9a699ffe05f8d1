using Sluice.Server.Probe;

namespace Sluice.Server.Sessions;

/// <summary>What of a body is shown, as MPEG-TS.</summary>
/// <param name="Picture">The picture; null for none.</param>
/// <param name="CopiesPicture">It goes into MPEG-TS as it is; else it is encoded.</param>
/// <param name="Sound">The sound; null for none.</param>
/// <param name="CopiesSound">It goes into MPEG-TS as it is; else it is encoded.</param>
internal sealed record BodyStreams(StreamFacts? Picture, bool CopiesPicture, StreamFacts? Sound, bool CopiesSound)
{
    /// <summary>Chooses from what is known of its beginning; null when there is nothing to be shown.</summary>
    public static BodyStreams? Of(SourceFacts facts)
    {
        var pictures = facts.Streams.Where(s => s is { Kind: StreamKind.Video, IsCover: false, IsDecodable: true, Width: > 0, Height: > 0 }).ToList();
        var picture = facts.Format == "dash" ? pictures.MaxBy(s => s.Height) : pictures.Find(s => s.IsDefault) ?? pictures.FirstOrDefault();
        var sounds = facts.Streams.Where(s => s is { Kind: StreamKind.Audio, IsDecodable: true, SampleRate: > 0, Channels: > 0 }).ToList();
        var sound = sounds.Find(s => s.IsDefault) ?? sounds.FirstOrDefault();
        return picture is null && sound is null ? null : new BodyStreams(picture, Plays(picture, "h264"), sound, Plays(sound, "aac"));
    }

    private static bool Plays(StreamFacts? stream, string codec) =>
        stream?.Codec == codec && CodecRules.WhyEncode(CodecShape.Of(stream)) is null;
}
