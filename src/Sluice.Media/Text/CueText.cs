using System.Text;

namespace Sluice.Media.Text;

/// <summary>
/// Makes the text of a cue harmless: only the tags below survive, without attributes or classes, each closed in its own
/// cue; every other tag goes and its content stays; what is no tag is escaped. So nothing of a stranger's file is markup
/// in a player that shows cues as HTML.
/// </summary>
internal static class CueText
{
    /// <summary>Longest text of one cue in characters; beyond that it is no subtitle.</summary>
    private const int LongestText = 4000;

    private const int LongestTag = 200;

    private static readonly string[] Allowed = ["b", "i", "u", "ruby", "rt"];

    /// <summary>The lines of a cue as WebVTT cue text; empty when nothing of them can be seen.</summary>
    public static string Clean(IEnumerable<string> lines)
    {
        var raw = string.Join('\n', lines);
        var clean = new StringBuilder();
        var open = new Stack<string>();
        for (var at = 0; at < raw.Length && clean.Length < LongestText;)
        {
            var rest = raw.AsSpan(at);
            if (TagLength(rest) is > 0 and var length)
            {
                Tag(rest[1..(length - 1)], clean, open);
                at += length;
            }
            else if (rest is ['{', '\\', ..] && rest.IndexOf('}') is > 0 and < LongestTag and var end)
            {
                at += end + 1; // Position and font of Advanced SubStation, which writers of SubRip use too.
            }
            else
            {
                at += Character(rest, clean);
            }
        }

        while (open.TryPop(out var name))
        {
            clean.Append("</").Append(name).Append('>');
        }

        return WithoutBlankLines(clean.ToString());
    }

    /// <summary>Length of the tag that the text starts with, brackets included; 0 when it starts with none. A lone <c>&lt;</c> is text.</summary>
    private static int TagLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[0] != '<' || !(char.IsAsciiLetterOrDigit(text[1]) || text[1] is '/' or '!' or '?'))
        {
            return 0;
        }

        var end = text[..Math.Min(text.Length, LongestTag)].IndexOf('>');
        return end < 0 || text[1..end].Contains('<') ? 0 : end + 1;
    }

    private static void Tag(ReadOnlySpan<char> tag, StringBuilder clean, Stack<string> open)
    {
        var closes = tag[0] == '/';
        var name = closes ? tag[1..] : tag;
        var end = name.IndexOfAny(" .\t\n/");
        name = end < 0 ? name : name[..end];
        foreach (var allowed in Allowed)
        {
            if (!name.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!closes && !open.Contains(allowed))
            {
                open.Push(allowed);
                clean.Append('<').Append(allowed).Append('>');
            }
            else if (closes && open.Contains(allowed))
            {
                // What was opened inside is closed first, so that tags always nest.
                for (var inner = ""; inner != allowed;)
                {
                    inner = open.Pop();
                    clean.Append("</").Append(inner).Append('>');
                }
            }
        }
    }

    /// <summary>Writes one character, or the one that a character reference stands for; answers how many it took.</summary>
    private static int Character(ReadOnlySpan<char> text, StringBuilder clean)
    {
        foreach (var (reference, written) in (ReadOnlySpan<(string, string)>)
        [
            ("&amp;", "&amp;"), ("&lt;", "&lt;"), ("&gt;", "&gt;"), ("&nbsp;", "&nbsp;"), ("&lrm;", "&lrm;"), ("&rlm;", "&rlm;"),
            ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\t", " "), ("\n", "\n"),
        ])
        {
            if (text.StartsWith(reference, StringComparison.Ordinal))
            {
                clean.Append(written);
                return reference.Length;
            }
        }

        if (Rune.DecodeFromUtf16(text, out var rune, out var length) == System.Buffers.OperationStatus.Done
            && !Rune.IsControl(rune) && rune.Value is not (0x2028 or 0x2029 or 0xFEFF))
        {
            clean.Append(text[..length]);
        }

        return length;
    }

    /// <summary>A blank line would end the cue (section 4.1). Tags of a line without text go to the line before.</summary>
    private static string WithoutBlankLines(string text)
    {
        var kept = new StringBuilder();
        var any = false;
        foreach (var line in text.Split('\n'))
        {
            var shows = HasContent(line);
            kept.Append(any && shows ? "\n" : "").Append(line.AsSpan().Trim());
            any |= shows;
        }

        return any ? kept.ToString() : "";
    }

    private static bool HasContent(string line)
    {
        var depth = 0;
        foreach (var c in line)
        {
            depth += c == '<' ? 1 : 0;
            if (depth == 0 && !char.IsWhiteSpace(c))
            {
                return true;
            }

            depth -= c == '>' ? 1 : 0;
        }

        return false;
    }
}
