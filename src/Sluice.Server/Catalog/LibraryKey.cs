using System.Globalization;
using System.Text;

namespace Sluice.Server.Catalog;

/// <summary>How titles are compared: without regard to case, numbers in them by their value.</summary>
internal static class LibraryKey
{
    /// <summary>Numbers with more digits than this are compared as text.</summary>
    private const int Digits = 10;

    /// <summary>What a title is sorted by: <c>Episode 2</c> comes before <c>Episode 10</c>.</summary>
    public static string OfTitle(string title)
    {
        var key = new StringBuilder(title.Length + Digits);
        for (var at = 0; at < title.Length;)
        {
            var end = at;
            while (end < title.Length && char.IsAsciiDigit(title[end]))
            {
                end++;
            }

            if (end > at)
            {
                key.Append('0', Math.Max(0, Digits - (end - at))).Append(title, at, end - at);
                at = end;
            }
            else
            {
                key.Append(char.ToLowerInvariant(title[at++]));
            }
        }

        return key.ToString();
    }

    /// <summary>What is searched: a line with the title and one with the file's name.</summary>
    public static string OfText(string title, string fileName) =>
        string.Create(CultureInfo.InvariantCulture, $"{title}\n{fileName}").ToLowerInvariant();

    /// <summary>The words of a search.</summary>
    public static IReadOnlyList<string> WordsOf(string? search) =>
        search is null ? [] : search.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
