using System.Globalization;
using Sluice.Media.Cmaf;

namespace Sluice.Server.Probe;

/// <summary>Which subtitles somebody wants drawn into the picture.</summary>
/// <param name="Stream">The stream; null when there is none such.</param>
/// <param name="Track">Its place among the tracks of the title, from 0.</param>
/// <param name="Problem">Why it cannot be, and what can, in words for a person; null when it can.</param>
internal sealed record BurnChoice(StreamFacts? Stream, int Track, string? Problem)
{
    /// <summary>Finds the subtitles.</summary>
    /// <param name="facts">The source.</param>
    /// <param name="wanted">The place of the track from 0, or a language of which the first subtitles that are pictures are taken.</param>
    public static BurnChoice Find(SourceFacts facts, string wanted)
    {
        if (facts.Picture is not { IsDecodable: true })
        {
            return new BurnChoice(null, 0, "It has no picture to draw into.");
        }

        var isNumber = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var track = isNumber ? number : TrackOf(facts, wanted);
        var stream = track < 0 ? null : facts.Streams.ElementAtOrDefault(track);
        return CanBeDrawn(stream)
            ? new BurnChoice(stream, track, null)
            : new BurnChoice(null, 0, $"{(isNumber ? WhyNot(stream, track) : WhyNot(facts, wanted))}. {Offer(facts)}");
    }

    /// <summary>They are pictures that ffmpeg reads.</summary>
    public static bool CanBeDrawn(StreamFacts? stream) => stream is { Kind: StreamKind.Text, IsImageText: true, IsDecodable: true, IsEncrypted: false };

    private static int TrackOf(SourceFacts facts, string language) =>
        facts.Streams.Index().Where(s => CanBeDrawn(s.Item) && IsIn(s.Item, language)).Select(s => s.Index).DefaultIfEmpty(-1).First();

    private static bool IsIn(StreamFacts stream, string language) =>
        stream.Language is { } own && Primary(own).Equals(Primary(Languages.ToBcp47(language) ?? language), StringComparison.OrdinalIgnoreCase);

    private static string Primary(string tag) => tag.Split('-')[0];

    private static string WhyNot(StreamFacts? stream, int track) => stream switch
    {
        null => $"There is no track {track}",
        { Kind: StreamKind.Text, IsImageText: false } => $"Track {track} is text: it is offered as subtitles that viewers switch on, and needs no drawing",
        { Kind: StreamKind.Text } => $"The subtitles of track {track} cannot be decoded here",
        _ => $"Track {track} holds no subtitles",
    };

    private static string WhyNot(SourceFacts facts, string language) => facts.Streams.Any(s => s.Kind == StreamKind.Text && IsIn(s, language))
        ? $"Its subtitles in '{language}' are text: they are offered as subtitles that viewers switch on, and need no drawing"
        : $"It has no subtitles in '{language}'";

    private static string Offer(SourceFacts facts)
    {
        var offered = facts.Streams.Index().Where(s => CanBeDrawn(s.Item))
            .Select(s => $"track {s.Index} ({s.Item.Codec}{(s.Item.Language is { } language ? ", " + language : "")})").ToList();
        return offered.Count == 0 ? "It has no subtitles that are pictures." : $"Subtitles that are pictures: {string.Join(", ", offered)}.";
    }
}
