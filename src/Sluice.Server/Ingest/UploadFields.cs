using System.Globalization;
using System.Text;

namespace Sluice.Server.Ingest;

/// <summary>The text that may come with a file, checked.</summary>
internal static class UploadFields
{
    /// <summary>Longest title in UTF-16 units.</summary>
    public const int LongestTitle = 300;

    /// <summary>Longest life that can be asked for: ten years, in minutes.</summary>
    public const int LongestExpiryMinutes = 10 * 366 * 24 * 60;

    private const int LongestFileName = 255;
    private const int LongestTag = 35; // RFC 5646 section 4.4.1

    /// <summary>What a title is, for the reader of a refusal.</summary>
    public static readonly string TitleRule = $"`title` is text of at most {LongestTitle} characters.";

    /// <summary>What a life is, for the reader of a refusal.</summary>
    public static readonly string MinutesRule = $"`expiresInMinutes` is a whole number from 1 to {LongestExpiryMinutes}.";

    /// <summary>What names subtitles, for the reader of a refusal.</summary>
    public const string BurnRule = "`burnSubtitles` is the number of a track, from 0, or a language tag such as `en`.";

    /// <summary>Names subtitles that are to be drawn into the picture; null when none are named.</summary>
    /// <returns>False when it is neither a number nor a language tag.</returns>
    public static bool TryBurn(string? given, out string? burn)
    {
        burn = string.IsNullOrWhiteSpace(given) ? null : given.Trim();
        return burn is null || (burn.Length <= LongestTag && burn.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }

    /// <summary>A title as it is kept; null when none is given or nothing printable is left of it.</summary>
    /// <returns>False when it is too long.</returns>
    public static bool TryTitle(string? given, out string? title)
    {
        title = given is null ? "" : OneLine(given);
        title = title.Length == 0 ? null : title;
        return title is null or { Length: <= LongestTitle };
    }

    /// <summary>Minutes of life; null when none are given.</summary>
    /// <returns>False when it is not a number in bounds.</returns>
    public static bool TryMinutes(string? given, out int? minutes)
    {
        minutes = null;
        if (string.IsNullOrEmpty(given))
        {
            return true;
        }

        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is < 1 or > LongestExpiryMinutes)
        {
            return false;
        }

        minutes = number;
        return true;
    }

    /// <summary>A client's file name as it is shown: the last part of a path, printable, cut to 255 characters.</summary>
    public static string FileName(string? given)
    {
        var name = OneLine(given ?? "").Replace('\\', '/');
        name = name[(name.LastIndexOf('/') + 1)..];
        return name.Length switch
        {
            0 => "upload",
            <= LongestFileName => name,
            _ => name[..LongestFileName],
        };
    }

    /// <summary>The title of a file that came without one.</summary>
    public static string TitleOf(string fileName)
    {
        var stem = Path.GetFileNameWithoutExtension(fileName);
        return stem.Length == 0 ? fileName : stem;
    }

    /// <summary>Without control characters and unpaired surrogates, which no page can show, and without what turns the
    /// direction of text, which would make a name read as another one, and the words of a page after it too.</summary>
    private static string OneLine(string text) => string.Concat(text.EnumerateRunes()
        .Where(r => !Rune.IsControl(r) && r != Rune.ReplacementChar && !TurnsDirection(r))).Trim();

    /// <summary>Embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX 9 section 2).</summary>
    private static bool TurnsDirection(Rune rune) => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
