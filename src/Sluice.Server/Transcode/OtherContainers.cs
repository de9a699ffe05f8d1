using Sluice.Server.Catalog;
using Sluice.Server.Probe;

namespace Sluice.Server.Transcode;

/// <summary>What is to be done with a file that is no MP4.</summary>
internal sealed record OtherVerdict(
    string? Refused, bool IsRemux, StreamFacts? Picture, IReadOnlyList<StreamFacts> Sounds, IReadOnlyList<TrackVerdict> Tracks);

/// <summary>Decides it from ffprobe's facts.</summary>
internal static class OtherContainers
{
    /// <summary>Judges a file.</summary>
    public static OtherVerdict Judge(SourceFacts facts)
    {
        var picture = facts.Picture;
        var sounds = facts.Streams.Where(s => s.Kind == StreamKind.Audio && s.IsDecodable && !s.IsEncrypted).ToList();
        var copies = picture is not null ? IsCopied(picture) : sounds.Count > 0 && IsCopied(sounds[0]);
        var tracks = facts.Streams.Select(s => new TrackVerdict(
            null, s.Kind.ToString().ToLowerInvariant(), s.Codec, s == picture || sounds.Contains(s) ? copies && IsCopied(s) ? "remux" : "encode" : "drop",
            s == picture || sounds.Contains(s) ? $"{s.Codec} in {facts.Container}" : "it is not offered", null, s.Language, s.Title)).ToList();
        return picture is null && sounds.Count == 0
            ? new OtherVerdict("it has no video and no audio that can be decoded", false, null, [], tracks)
            : new OtherVerdict(null, copies, picture, sounds, tracks);
    }

    private static bool IsCopied(StreamFacts s) => s.Codec switch
    {
        "h264" => s is { BitDepth: 8, ChromaFormat: 1, IsInterlaced: false },
        "vp9" or "av1" => s.ChromaFormat == 1,
        "aac" or "opus" or "flac" => true,
        _ => false,
    };
}
