using System.Globalization;
using System.Text;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>Names of titles in a flat space: <c>BASENAME_1765432109876</c>, the file's name without its extension and 13 digits of a time.</summary>
internal static class TsName
{
    /// <summary>So that a segment's name fits into what file systems take (255 bytes), also where it is escaped.</summary>
    private const int MostBaseBytes = 66;

    private const long LeastMilliseconds = 1_000_000_000_000; // 2001: from here to 2286 it has 13 digits.
    private const long MostMilliseconds = 9_999_999_999_999;

    /// <summary>The name.</summary>
    /// <param name="fileName">As the file is called; letters of all scripts, spaces and dots stay.</param>
    /// <param name="time">Tells titles of the same file name apart.</param>
    public static string Of(string fileName, DateTimeOffset time)
    {
        var milliseconds = Math.Clamp(time.ToUnixTimeMilliseconds(), LeastMilliseconds, MostMilliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{BaseOf(fileName)}_{milliseconds}");
    }

    private static string BaseOf(string fileName)
    {
        var name = new StringBuilder();
        var bytes = 0;
        var last = '\0';
        foreach (var rune in Path.GetFileNameWithoutExtension(fileName).EnumerateRunes())
        {
            // Two dots in a row are refused by everything that guards against paths, and a proxy has its own meaning for a slash.
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune) || rune.Value is '/' or '\\' || (rune.Value == '.' && last is '.' or '\0'))
            {
                continue;
            }

            bytes += rune.Utf8SequenceLength;
            if (bytes > MostBaseBytes)
            {
                break;
            }

            name.Append(rune);
            last = rune.IsBmp ? (char)rune.Value : 'x';
        }

        var kept = name.ToString().TrimStart(' ', '.').TrimEnd();
        return PublishedName.IsValid(kept) ? kept
            : fileName.Contains('%', StringComparison.Ordinal) ? BaseOf(fileName.Replace("%", "", StringComparison.Ordinal)) // Else taken for an escape.
            : "video";
    }
}
