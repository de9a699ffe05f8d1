using System.Globalization;
using System.Text;

namespace Sluice.Server.Rooms;

/// <summary>What people write, as one line of plain text. Markup is text like any other: pages show it as it is.</summary>
internal static class PlainWords
{
    /// <summary>Name of those who give none.</summary>
    private const string Nameless = "Guest";

    /// <summary>One line without control characters, and without those that turn the direction of what stands around it (UAX 9 section 2); white space at
    /// its ends is gone, and whatever is longer than <paramref name="longest"/> characters. Half a surrogate pair becomes U+FFFD.</summary>
    public static string Clean(string? text, int longest)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").Trim().EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest)
            {
                break;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                clean.Append(' ');
            }
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Control && !TurnsDirection(rune.Value))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString().Trim();
    }

    /// <summary>A name that nobody else has: the one wished for, or the same with a number.</summary>
    public static string Name(string? wish, int longest, IReadOnlyCollection<string> taken)
    {
        var name = Clean(wish, longest);
        name = name.Length == 0 ? Nameless : name;
        var unique = name;
        for (var number = 2; taken.Contains(unique, StringComparer.OrdinalIgnoreCase); number++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $" {number}");
            unique = Clean(name, longest - suffix.Length) + suffix;
        }

        return unique;
    }

    private static bool TurnsDirection(int rune) => rune is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
