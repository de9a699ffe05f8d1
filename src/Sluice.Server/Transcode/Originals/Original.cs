using System.Globalization;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Probe;

namespace Sluice.Server.Transcode.Originals;

/// <summary>A stream of the source that is offered as it is, beside what was encoded of it.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Place">The rendition that it becomes.</param>
/// <param name="Partner">What was encoded of it: the rendition, in the smallest size.</param>
internal sealed record Original(StreamFacts Stream, CopyPlace Place, string Partner)
{
    /// <summary>A sound in AAC of at most so many bits in a second is no heavier than what is encoded of it.</summary>
    private const long LightBitsPerSecond = 160_000;

    /// <summary><c>video</c> or <c>audio</c>.</summary>
    public string Kind => Stream.Kind == StreamKind.Video ? "video" : "audio";

    /// <summary>Whether it makes its partner superfluous: every browser plays it, and it is as light.</summary>
    public static bool Replaces(TrackSummary original) =>
        original is { Codecs: "mp4a.40.2", ChannelCount: <= 2, AverageBitsPerSecond: <= LightBitsPerSecond };

    /// <summary>The originals that may be offered of a title, picture first, in the order in which they are repackaged.</summary>
    /// <param name="plan">What of it is encoded.</param>
    /// <param name="facts">Its source.</param>
    /// <param name="renditions">What it has.</param>
    /// <param name="tables">What is encoded, by rendition.</param>
    public static IReadOnlyList<Original> Of(
        EncodePlan plan, SourceFacts facts, IReadOnlyList<Rendition> renditions, IReadOnlyDictionary<string, RenditionTable> tables)
    {
        var track = 1 + plan.Audio.Select(a => a.TrackId).Concat(plan.Video?.Rungs.Select(r => r.TrackId) ?? []).DefaultIfEmpty(0u).Max();
        var originals = new List<Original>();
        if (plan.Video is { BurnedSubtitle: null, Rungs: [.., var last] } video && Following(video.Stream, facts) is { } picture)
        {
            originals.Add(new Original(picture, new CopyPlace(Name('v', RenditionNumbers.FirstFree(renditions, "video")), track++, false), last.Id));
        }

        var number = RenditionNumbers.FirstFree(renditions, "audio");
        foreach (var sound in plan.Audio)
        {
            if (Following(sound.Stream, facts) is { } stream && tables[sound.Id].Summary is { } encoded)
            {
                originals.Add(new Original(
                    stream,
                    new CopyPlace(Name('a', number++), track++, encoded.IsDefault)
                    {
                        AlternativeOf = sound.Id,
                        Language = encoded.Language,
                        Name = encoded.Name,
                    },
                    sound.Id));
            }
        }

        return originals;
    }

    private static StreamFacts? Following(int index, SourceFacts facts) =>
        facts.Streams.FirstOrDefault(s => s.Index == index && StreamTriage.MayFollow(s, facts));

    private static string Name(char kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
}
