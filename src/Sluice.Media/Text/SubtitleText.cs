using System.Text;

namespace Sluice.Media.Text;

/// <summary>Reads subtitle files as people have them: SubRip (.srt) or WebVTT, in any encoding that is usual for them.</summary>
public static class SubtitleText
{
    /// <summary>What the bytes 0x80 to 0x9F mean in Windows-1252 (WHATWG Encoding, index windows-1252); above, it is Latin-1.</summary>
    private const string Windows1252 =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F" +
        "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>Reads a whole file. Never throws, whatever the bytes.</summary>
    public static SubtitleResult Read(ReadOnlySpan<byte> file)
    {
        var lines = new SubtitleLines(Decode(file));
        return lines.Peek is { } first && WebVttReader.IsSignature(first) ? WebVttReader.Read(lines) : SubRipReader.Read(lines);
    }

    /// <summary>The text of a file: UTF-16 when its byte order mark says so, UTF-8 when it is that, else Windows-1252.</summary>
    public static string Decode(ReadOnlySpan<byte> file)
    {
        switch (file)
        {
            case [0xFF, 0xFE, ..]:
                return Encoding.Unicode.GetString(file[2..]);
            case [0xFE, 0xFF, ..]:
                return Encoding.BigEndianUnicode.GetString(file[2..]);
            case [0xEF, 0xBB, 0xBF, ..]:
                return Encoding.UTF8.GetString(file[3..]);
        }

        try
        {
            return StrictUtf8.GetString(file);
        }
        catch (DecoderFallbackException)
        {
            return string.Create(file.Length, file, static (text, bytes) =>
            {
                for (var i = 0; i < text.Length; i++)
                {
                    text[i] = bytes[i] is >= 0x80 and < 0xA0 ? Windows1252[bytes[i] - 0x80] : (char)bytes[i];
                }
            });
        }
    }
}
