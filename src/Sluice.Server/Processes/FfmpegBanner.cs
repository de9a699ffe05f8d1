using System.Globalization;

namespace Sluice.Server.Processes;

/// <summary>
/// Reads what ffmpeg says of itself. Every start does it, and regular expressions would cost each of them 2 MB of memory for three lines.
/// </summary>
internal static class FfmpegBanner
{
    private const string Begin = "ffmpeg version ";
    private const int LongestName = 64;

    /// <summary>The version in the first line of <c>ffmpeg -version</c>; null when there is none.</summary>
    public static string? VersionIn(string banner)
    {
        if (!banner.StartsWith(Begin, StringComparison.Ordinal))
        {
            return null;
        }

        var name = NameAt(banner.AsSpan(Begin.Length), ".+~:-_");
        return name.IsEmpty ? null : name.ToString();
    }

    /// <summary>The major number of a release such as <c>5.1.9-0+deb12u1</c> or <c>n7.0</c>; null when it is none.</summary>
    public static int? MajorOf(string version)
    {
        var number = version.AsSpan(version.StartsWith('n') ? 1 : 0);
        var dot = number.IndexOf('.');
        return dot is > 0 and <= 3 && dot + 1 < number.Length && char.IsAsciiDigit(number[dot + 1])
            && int.TryParse(number[..dot], NumberStyles.None, null, out var major)
                ? major
                : null;
    }

    /// <summary>Names in the answer to <c>ffmpeg -encoders</c>: lines of six flags, the name and a text, such as <c> V....D libx264   …</c>.</summary>
    public static IReadOnlySet<string> EncodersIn(string list)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in list.AsSpan().EnumerateLines())
        {
            if (line.Length > 8 && line[0] == ' ' && "VAS".Contains(line[1]) && line[7] == ' ' && AreFlags(line[2..7])
                && NameAt(line[8..], ".-_") is { IsEmpty: false } name && line.Length > 8 + name.Length && line[8 + name.Length] == ' ')
            {
                names.Add(name.ToString());
            }
        }

        return names;
    }

    private static bool AreFlags(ReadOnlySpan<char> flags)
    {
        const string Letters = "FSXBD";
        for (var i = 0; i < Letters.Length; i++)
        {
            if (flags[i] != '.' && flags[i] != Letters[i])
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlySpan<char> NameAt(ReadOnlySpan<char> text, ReadOnlySpan<char> besides)
    {
        var length = 0;
        while (length < text.Length && length < LongestName && (char.IsAsciiLetterOrDigit(text[length]) || besides.Contains(text[length])))
        {
            length++;
        }

        return text[..length];
    }
}
