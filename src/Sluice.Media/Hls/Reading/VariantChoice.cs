namespace Sluice.Media.Hls;

/// <summary>What is wanted of a multivariant playlist.</summary>
public sealed record VariantPolicy
{
    /// <summary>Most lines of a picture; null for any number.</summary>
    public int? MostLines { get; init; }

    /// <summary>Most bits per second, at their peak; null for any number.</summary>
    public long? MostBitsPerSecond { get; init; }

    /// <summary>HEVC rather than H.264, where there is a choice. H.264 plays everywhere.</summary>
    public bool PrefersHevc { get; init; }

    /// <summary>Languages of the audio, RFC 5646, the dearest first.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
}

/// <summary>
/// Which version of a presentation is taken. Audio alone only when there is nothing else; within the limits the best, and when nothing
/// keeps to them the smallest; never EXT-X-I-FRAME-STREAM-INF.
/// </summary>
/// <param name="Variant">The version.</param>
/// <param name="Backups">The same at other places, in the order of the playlist (RFC 8216 section 6.2.4.1).</param>
/// <param name="Audio">Audio that is apart from the variant; null when it is in it.</param>
/// <param name="IsWithinLimits">False when everything there is goes beyond what the policy allows.</param>
public sealed record VariantChoice(
    HlsVariant Variant, IReadOnlyList<HlsVariant> Backups, HlsRendition? Audio, bool IsWithinLimits)
{
    /// <summary>Chooses.</summary>
    /// <returns>The choice; null when the playlist has no variant.</returns>
    public static VariantChoice? Of(HlsMultivariantPlaylist playlist, VariantPolicy policy)
    {
        var playable = playlist.Variants.Where(static v => !v.IsAudioOnly).ToList();
        if (playable.Count == 0)
        {
            playable = [.. playlist.Variants];
        }

        if (playable.Count == 0)
        {
            return null;
        }

        var within = playable.Where(v => Keeps(v, policy)).ToList();
        var best = within.Count > 0
            ? within.OrderBy(static v => v.VideoRange == "SDR" ? 0 : 1)
                .ThenBy(v => CodecRank(v, policy))
                .ThenByDescending(static v => v.Height)
                .ThenByDescending(static v => v.PeakBitsPerSecond).First()
            : playable.OrderBy(static v => v.PeakBitsPerSecond).ThenBy(static v => v.Height).First();
        return Complete(playlist, best, policy, within.Count > 0);
    }

    /// <summary>
    /// The same choice in a playlist that was fetched anew, in which URIs carry new tokens.
    /// </summary>
    /// <returns>The choice; null when what was chosen is not there any more.</returns>
    public VariantChoice? Again(HlsMultivariantPlaylist playlist, VariantPolicy policy)
    {
        var same = playlist.Variants.Where(v => v.IsRedundantTo(Variant) && v.Pathway == Variant.Pathway).ToList();
        var match = same.Find(v => v.AudioGroup == Variant.AudioGroup) ?? same.FirstOrDefault();
        return match is null ? null : Complete(playlist, match, policy, IsWithinLimits);
    }

    /// <summary>Audio of a variant that is apart from it.</summary>
    /// <returns>The rendition; null when the audio is in the variant.</returns>
    public static HlsRendition? AudioOf(HlsMultivariantPlaylist playlist, HlsVariant variant, VariantPolicy policy)
    {
        var chosen = playlist.Renditions.Where(r => r.IsAudio && r.Group == variant.AudioGroup)
            .OrderBy(r => LanguageRank(r, policy))
            .ThenBy(static r => r.IsDefault ? 0 : r.AutoSelect ? 1 : 2)
            .FirstOrDefault();
        return chosen is { Uri: { } uri } && uri != variant.Uri ? chosen : null;
    }

    private static VariantChoice Complete(HlsMultivariantPlaylist playlist, HlsVariant variant, VariantPolicy policy, bool isWithin) => new(
        variant,
        [.. playlist.Variants.Where(v => !ReferenceEquals(v, variant) && v.IsRedundantTo(variant) && v.Uri != variant.Uri)],
        AudioOf(playlist, variant, policy),
        isWithin);

    private static bool Keeps(HlsVariant variant, VariantPolicy policy) =>
        (policy.MostLines is not { } lines || variant.Height <= lines)
        && (policy.MostBitsPerSecond is not { } bits || variant.PeakBitsPerSecond <= bits);

    /// <summary>What does not say its codecs is taken for what everybody has.</summary>
    private static int CodecRank(HlsVariant variant, VariantPolicy policy)
    {
        var isHevc = variant.Codecs.Any(HlsCodecs.IsHevc);
        var isAvc = variant.Codecs.Any(HlsCodecs.IsAvc) || !variant.Codecs.Any(HlsCodecs.IsVideo);
        return isHevc ? policy.PrefersHevc ? 0 : 2 : isAvc ? 1 : 3;
    }

    /// <summary>A language matches what it begins with: <c>en</c> is there for <c>en-GB</c> too.</summary>
    private static int LanguageRank(HlsRendition rendition, VariantPolicy policy)
    {
        for (var i = 0; i < policy.Languages.Count; i++)
        {
            var wanted = policy.Languages[i];
            if (rendition.Language is { } language && language.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)
                && (language.Length == wanted.Length || language[wanted.Length] == '-'))
            {
                return i;
            }
        }

        return policy.Languages.Count;
    }
}
