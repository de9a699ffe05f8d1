using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Server.Store;

/// <summary>Names of published files. They are flat: part of a URL, of a key, of a folder's entry, and never a way out of these.</summary>
internal static partial class PublishedName
{
    /// <summary>The list of what is published, a JSON array of names.</summary>
    public const string Index = "m3u8_index_cache.json";

    /// <summary>Bytes in UTF-8: the longest name of a file on most systems.</summary>
    private const int MostBytes = 255;

    /// <summary>Times that a name may have been escaped; whoever escapes more often hides something.</summary>
    private const int MostEscapes = 4;

    /// <summary>Whether this can be such a name. It cannot when it would be none after it was decoded once more, and again: some server on the way may do that.</summary>
    public static bool IsValid(string name)
    {
        for (var decoded = 0; decoded <= MostEscapes; decoded++)
        {
            if (!IsPlain(name))
            {
                return false;
            }

            var next = Uri.UnescapeDataString(name);
            if (next == name)
            {
                return !HasBrokenEscape(name);
            }

            name = next;
        }

        return false;
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name[0] != '.' && !name.Contains("..", StringComparison.Ordinal)
        && !name.Any(c => c is '/' or '\\' || char.IsControl(c))
        && IsText(name) && Encoding.UTF8.GetByteCount(name) <= MostBytes;

    /// <summary>Escapes that are left over are no UTF-8, such as an overlong form of a dot or a slash, or of a kind that some servers know (<c>%u002e</c>).</summary>
    private static bool HasBrokenEscape(string name) => LeftOver().IsMatch(name);

    [GeneratedRegex("%(?:u[0-9a-f]|[0-9a-f]{2})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LeftOver();

    private static bool IsText(string name)
    {
        for (var at = 0; at < name.Length; at++)
        {
            if (!char.IsSurrogate(name[at]))
            {
                continue;
            }

            if (at + 1 == name.Length || !char.IsSurrogatePair(name[at], name[at + 1]))
            {
                return false;
            }

            at++;
        }

        return true;
    }
}
