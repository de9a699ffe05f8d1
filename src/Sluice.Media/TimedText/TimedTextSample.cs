using System.Text;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Text;

namespace Sluice.Media.TimedText;

/// <summary>
/// A sample of 3GPP timed text (3GPP TS 26.245 section 5.17), which QuickTime's text is like: the text with its length before it, and boxes behind it,
/// of which those that make it bold, italic or underlined mean something in WebVTT.
/// </summary>
internal static class TimedTextSample
{
    /// <summary>A sample of so many bytes has no text: it ends the one before.</summary>
    public const int EmptyBytes = 2;

    private const int StyleBytes = 12;

    /// <summary>More changes of style than this are no subtitle's, and are left out.</summary>
    private const int MostStyles = 64;

    private static readonly (int Face, string Tag)[] Faces = [(1, "b"), (2, "i"), (4, "u")];

    /// <summary>The text as a cue; none when there is no text, or the sample is damaged.</summary>
    public static IEnumerable<Cue> Read(ReadOnlySpan<byte> bytes, TextSample at)
    {
        var reader = new SpanReader(bytes);
        var text = reader.ReadBytes(reader.ReadUInt16());
        if (reader.Failed)
        {
            return [];
        }

        var said = CueText.Clean(Styled(TextOf(text), BoxReader.Find(reader.ReadToEnd(), "styl")).ReplaceLineEndings("\n").Split('\n'));
        return said.Length == 0 ? [] : [new Cue(at.StartMilliseconds, at.EndMilliseconds, said)];
    }

    /// <summary>UTF-8, or UTF-16 with its mark.</summary>
    private static string TextOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(bytes[2..]),
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(bytes[2..]),
        _ => Encoding.UTF8.GetString(bytes),
    };

    /// <summary>The text with tags where its records say (section 5.17.1.1); a record counts characters, and does not lie over another.</summary>
    private static string Styled(string text, ReadOnlySpan<byte> records)
    {
        var reader = new SpanReader(records);
        var count = reader.ReadUInt16();
        if (reader.Failed || count > Math.Min(MostStyles, reader.Remaining / StyleBytes))
        {
            return text;
        }

        var styles = new List<(int Start, int End, int Faces)>(count);
        for (var i = 0; i < count; i++)
        {
            var (start, end) = (reader.ReadUInt16(), reader.ReadUInt16());
            reader.Skip(2);
            styles.Add((start, end, reader.ReadUInt8()));
            reader.Skip(5);
        }

        var styled = new StringBuilder(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            Write(styled, styles, at++);
            styled.Append(rune.ToString());
        }

        Write(styled, styles, at);
        return styled.ToString();
    }

    /// <summary>What ends before a character, and what begins with it.</summary>
    private static void Write(StringBuilder styled, List<(int Start, int End, int Faces)> styles, int at)
    {
        foreach (var style in styles.FindAll(s => s.End == at && s.End > s.Start))
        {
            foreach (var (_, tag) in Faces.Reverse().Where(f => (style.Faces & f.Face) != 0))
            {
                styled.Append("</").Append(tag).Append('>');
            }
        }

        foreach (var style in styles.FindAll(s => s.Start == at && s.End > s.Start))
        {
            foreach (var (_, tag) in Faces.Where(f => (style.Faces & f.Face) != 0))
            {
                styled.Append('<').Append(tag).Append('>');
            }
        }
    }
}
