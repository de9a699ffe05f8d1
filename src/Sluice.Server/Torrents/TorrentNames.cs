using System.Globalization;
using System.Text;

namespace Sluice.Server.Torrents;

/// <summary>Names that strangers gave. They are text for people and never part of a path.</summary>
internal static class TorrentNames
{
    /// <summary>Longest name that is shown, in characters.</summary>
    public const int Longest = 300;

    private static readonly string[] Videos =
    [
        ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".vob", ".wmv", ".asf", ".flv", ".ogv", ".ogm",
        ".3gp", ".divx", ".rm", ".rmvb", ".mxf",
    ];

    private static readonly string[] Sounds = [".mp3", ".m4a", ".m4b", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wav", ".wma", ".ac3", ".dts"];

    /// <summary>The name of a video file.</summary>
    public static bool IsVideo(string name) => Videos.Contains(Path.GetExtension(name).ToLowerInvariant());

    /// <summary>The name of a file of sound alone.</summary>
    public static bool IsSound(string name) => Sounds.Contains(Path.GetExtension(name).ToLowerInvariant());

    /// <summary>A name as it may be shown: without characters that control, hide or turn round text, and not too long; its end, which says what
    /// it is, stays. Null when nothing is left.</summary>
    public static string? Shown(string name)
    {
        var text = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                text.Append(rune);
            }
        }

        var shown = text.ToString().Trim();
        return shown.Length == 0 ? null : shown.Length <= Longest ? shown : $"{Whole(shown[..(Longest - 41)])}…{Whole(shown[^40..])}";
    }

    /// <summary>Without the half of a pair of surrogates that a cut left.</summary>
    private static string Whole(string cut)
    {
        cut = char.IsLowSurrogate(cut[0]) ? cut[1..] : cut;
        return char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut;
    }

    /// <summary>Whether a part of a path, as the bytes have it, would lead somewhere else if it were one.</summary>
    public static bool LeadsAstray(ReadOnlySpan<byte> part) =>
        part.SequenceEqual(".."u8) || part.SequenceEqual("."u8) || part.IndexOfAny((byte)'/', (byte)0) >= 0;
}
