using System.Text;

namespace Sluice.Media.Manifests;

/// <summary>Makes text that comes out of uploaded files harmless in any manifest: nothing that ends a line or an
/// attribute, nothing that XML 1.0 section 2.2 forbids, nothing endless.</summary>
internal static class SafeText
{
    private const int LongestNameRunes = 120;
    private const int LongestTag = 35; // RFC 5646 section 4.4.1

    /// <summary>A name to show, or null when nothing readable is in it. Double quotes become single ones, since a
    /// quoted-string of RFC 8216 section 4.2 has no escape for them.</summary>
    public static string? Name(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var clean = new StringBuilder();
        var count = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (count == LongestNameRunes)
            {
                break;
            }

            if (IsShown(rune))
            {
                clean.Append(rune.Value == '"' ? "'" : rune.ToString());
                count++;
            }
        }

        var trimmed = clean.ToString().Trim();
        return trimmed.Length == 0 ? null : trimmed;
    }

    /// <summary>A language tag that is well-formed as XML Schema's <c>language</c> and BCP 47 have it, or null; null
    /// too for <c>und</c>, which says nothing.</summary>
    public static string? Language(string? tag)
    {
        if (tag is null || tag.Length is 0 or > LongestTag)
        {
            return null;
        }

        var subtags = tag.Split('-');
        var wellFormed = subtags[0].All(char.IsAsciiLetter)
            && subtags.All(static s => s.Length is > 0 and <= 8 && s.All(char.IsAsciiLetterOrDigit));
        return wellFormed && !subtags[0].Equals("und", StringComparison.OrdinalIgnoreCase) ? tag : null;
    }

    /// <summary>A codec string (RFC 6381) reduced to the characters that such strings have.</summary>
    public static string Codecs(string codecs) =>
        string.Concat(codecs.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '_'));

    // Bidirectional overrides are Format too, and can make a name look like another; joiners in emoji and in
    // Indic and Persian words (U+200C, U+200D) are needed.
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        _ => (rune.Value & 0xFFFE) != 0xFFFE && rune != Rune.ReplacementChar,
    };
}
