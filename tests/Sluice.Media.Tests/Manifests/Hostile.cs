using Sluice.Media.Cmaf;

namespace Sluice.Media.Tests.Manifests;

/// <summary>Strings that a malicious file would carry in its names, languages and codecs.</summary>
internal static class Hostile
{
    private static readonly string[] Pieces =
    [
        "\"", "'", "\r", "\n", "\r\n#EXT-X-ENDLIST\n", ",", "=", "\0", "\u001B", "\u0085", "\u2028", "\u2029", "\u202E", "\uFFFE",
        "\uFFFF", "\uD800", "\uDC00", "\U0001F600", "\uFEFF", "<", ">", "&", "&amp;", "]]>", "<!--", "<script>", "$Number$",
        "%00", " ", "\t", "en", "de-AT", "und", "English", "mp4a.40.2", "opus", "-", "é", "日本",
    ];

    public static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    public static TrackSummary Audio(Random random, int index) => Sample.Audio with
    {
        Id = $"a{index}",
        Name = random.Next(4) == 0 ? null : Text(random),
        Language = random.Next(4) == 0 ? null : random.Next(2) == 0 ? "en" : Text(random),
        Codecs = random.Next(3) == 0 ? Text(random) : random.Next(2) == 0 ? "mp4a.40.2" : "opus",
        ChannelCount = random.Next(-1, 3),
        SampleRate = random.Next(-1, 2) * 48_000,
        IsDefault = random.Next(2) == 0,
        PeakBitsPerSecond = random.Next(-1, 2) * 1000,
    };
}
