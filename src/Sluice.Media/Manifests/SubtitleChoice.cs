namespace Sluice.Media.Manifests;

/// <summary>One choice in a player's menu of subtitles.</summary>
/// <param name="Track">The track behind it.</param>
/// <param name="Name">Safe to write, unique in the menu.</param>
/// <param name="Language">Well-formed BCP 47 tag or null.</param>
/// <param name="IsDefault">Shown when the viewer has not chosen; at most one.</param>
/// <param name="AutoSelect">A player may choose it by the viewer's language.</param>
internal sealed record SubtitleChoice(SubtitleTrack Track, string Name, string? Language, bool IsDefault, bool AutoSelect)
{
    /// <summary>All tracks, in their order.</summary>
    public static IReadOnlyList<SubtitleChoice> Of(IReadOnlyList<SubtitleTrack> tracks)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var chosen = tracks.FirstOrDefault(static t => t.IsDefault);

        // RFC 8216 section 4.3.4.1.1: what is chosen automatically differs in language or in being forced; the default comes first.
        var taken = new HashSet<(string, bool)>();
        if (chosen is not null)
        {
            taken.Add(KeyOf(chosen));
        }

        return [.. tracks.Select((track, i) =>
        {
            var language = SafeText.Language(track.Language);
            var isDefault = ReferenceEquals(track, chosen);
            return new SubtitleChoice(
                track, Unique(NameOf(track, language, i), names), language, isDefault, isDefault || (language is not null && taken.Add(KeyOf(track))));
        })];
    }

    private static (string Language, bool IsForced) KeyOf(SubtitleTrack track) =>
        (SafeText.Language(track.Language)?.ToUpperInvariant() ?? "", track.IsForced);

    private static string NameOf(SubtitleTrack track, string? language, int index) =>
        SafeText.Name(track.Name)
        ?? (language is null ? null : LanguageNames.English(language))
        ?? (index == 0 ? "Subtitles" : string.Create(CultureInfo.InvariantCulture, $"Subtitles {index + 1}"));

    private static string Unique(string name, HashSet<string> taken)
    {
        var candidate = name;
        for (var n = 2; !taken.Add(candidate); n++)
        {
            candidate = string.Create(CultureInfo.InvariantCulture, $"{name} {n}");
        }

        return candidate;
    }
}
