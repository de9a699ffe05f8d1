using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Manifests;

/// <summary>One choice in a player's audio menu.</summary>
/// <param name="Track">The track behind it.</param>
/// <param name="Name">Safe to write, unique in its group.</param>
/// <param name="Language">Well-formed BCP 47 tag or null.</param>
/// <param name="IsDefault">The one to play when the viewer has not chosen; exactly one in a group.</param>
/// <param name="AutoSelect">A player may choose it by the viewer's language.</param>
internal sealed record AudioRendition(TrackSummary Track, string Name, string? Language, bool IsDefault, bool AutoSelect);

/// <summary>
/// Audio renditions of which a player plays one. RFC 8216 section 4.3.4.1.1: several groups have the same members, each
/// group in another encoding. So tracks are told apart by codec and channel count only where that leaves every
/// group with every member; a file with English in 5.1 and German in stereo is one group, or else a viewer could never
/// choose German. A track that says whose alternative it is needs no such guess: it takes that one's place in a group of its own, and
/// members without an alternative are in both.
/// </summary>
/// <param name="Id">Unique in the manifest.</param>
/// <param name="Renditions">In the file's order; never empty.</param>
internal sealed record AudioGroup(string Id, IReadOnlyList<AudioRendition> Renditions)
{
    /// <summary>All audio tracks of <paramref name="tracks"/>, grouped.</summary>
    public static IReadOnlyList<AudioGroup> Of(IEnumerable<TrackSummary> tracks)
    {
        var audio = tracks.Where(static t => t.Kind == TrackKind.Audio).ToList();
        if (audio.Count == 0)
        {
            return [];
        }

        var alternatives = Alternatives(audio);
        audio.RemoveAll(alternatives.ContainsValue);
        var encodings = Split(audio, static t => (t.Codecs, t.ChannelCount))
            ?? Split(audio, static t => (t.Codecs, 0))
            ?? [audio];
        encodings.AddRange(encodings.Where(e => e.Exists(t => alternatives.ContainsKey(t.Id)))
            .Select(e => e.ConvertAll(t => alternatives.GetValueOrDefault(t.Id) ?? t)).ToList());
        var names = Names(encodings[0]);
        var defaultAt = Enumerable.Range(0, names.Count).FirstOrDefault(i => encodings.Exists(e => e[i].IsDefault));
        return [.. encodings.Select((members, e) => new AudioGroup(
            e == 0 ? "audio" : $"audio-{e + 1}", Menu(members, names, defaultAt)))];
    }

    /// <summary>By the id of a track that is offered itself, and is no alternative: the track that may take its place.</summary>
    private static Dictionary<string, TrackSummary> Alternatives(List<TrackSummary> audio)
    {
        var own = audio.Where(static t => t.AlternativeOf is null).Select(static t => t.Id).ToHashSet(StringComparer.Ordinal);
        var alternatives = new Dictionary<string, TrackSummary>(StringComparer.Ordinal);
        foreach (var track in audio.Where(t => t.AlternativeOf is { } other && own.Contains(other)))
        {
            alternatives.TryAdd(track.AlternativeOf!, track);
        }

        return alternatives;
    }

    /// <summary>Null unless every encoding has the same members; the members of each are in the first's order.</summary>
    private static List<List<TrackSummary>>? Split(List<TrackSummary> audio, Func<TrackSummary, (string, int)> encoding)
    {
        var groups = audio.GroupBy(encoding).Select(static g => g.ToList()).ToList();
        if (groups.Count == 1)
        {
            return groups;
        }

        var order = new Dictionary<(string?, string?), int>();
        var distinct = groups[0].TrueForAll(t => order.TryAdd(Member(t), order.Count));
        var same = distinct && groups.TrueForAll(g =>
            g.Count == order.Count && g.Select(Member).Distinct().Count(order.ContainsKey) == order.Count);
        return same ? groups.ConvertAll(g => g.OrderBy(t => order[Member(t)]).ToList()) : null;
    }

    private static (string? Language, string? Name) Member(TrackSummary track) =>
        (SafeText.Language(track.Language), SafeText.Name(track.Name));

    private static List<string> Names(List<TrackSummary> members)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. members.Select((track, i) =>
        {
            var (language, given) = Member(track);
            var spoken = language is null ? null : LanguageNames.English(language);
            var name = given ?? spoken ?? (i == 0 ? "Audio" : $"Audio {i + 1}");
            var candidate = name;
            for (var n = used.GetValueOrDefault(name, 1); !taken.Add(candidate); candidate = $"{name} {n}")
            {
                used[name] = ++n;
            }

            return candidate;
        })];
    }

    private static List<AudioRendition> Menu(List<TrackSummary> members, List<string> names, int defaultAt)
    {
        // Section 4.3.4.1.1: what is chosen automatically differs in language; the default comes first.
        var first = Member(members[defaultAt]).Language;
        var taken = new HashSet<string?>(StringComparer.OrdinalIgnoreCase) { null, first };
        return [.. members.Select((track, i) =>
        {
            var language = Member(track).Language;
            var isDefault = i == defaultAt;
            return new AudioRendition(track, names[i], language, isDefault, isDefault || taken.Add(language));
        })];
    }
}
