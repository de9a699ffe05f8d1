using System.Text;
using Sluice.Media.Binary;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.Building;

/// <summary>Tracks of subtitles that are text, sample by sample.</summary>
internal static class TextSamples
{
    /// <summary>Sample entry of 3GPP timed text.</summary>
    public static byte[] TimedText(uint displayFlags = 0) => Box(
        "tx3g", [0, 0, 0, 0, 0, 0, 0, 1], Word(displayFlags), [1, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 18, 255, 255, 255, 255],
        Box("ftab", [0, 1, 0, 1, 5], "Serif"u8.ToArray()));

    /// <summary>Sample entry of WebVTT.</summary>
    public static byte[] WebVtt => Box("wvtt", [0, 0, 0, 0, 0, 0, 0, 1], Box("vttC", "WEBVTT"u8.ToArray()));

    /// <summary>A sample of 3GPP timed text.</summary>
    public static byte[] Said(string text, params (int Start, int End, int Face)[] styles) => Said(Encoding.UTF8.GetBytes(text), styles);

    /// <summary>A sample of 3GPP timed text, in another encoding.</summary>
    public static byte[] Said(byte[] text, params (int Start, int End, int Face)[] styles)
    {
        byte[] records =
        [
            .. Half(styles.Length),
            .. styles.SelectMany(s => (byte[])[.. Half(s.Start), .. Half(s.End), 0, 1, (byte)s.Face, 18, 255, 255, 255, 255]),
        ];
        return [.. Half(text.Length), .. text, .. styles.Length == 0 ? [] : Box("styl", records)];
    }

    /// <summary>A cue in a sample of WebVTT.</summary>
    public static byte[] Cue(string text, string settings = "") =>
        Box("vttc", settings.Length == 0 ? [] : Box("sttg", Encoding.UTF8.GetBytes(settings)), Box("payl", Encoding.UTF8.GetBytes(text)));

    /// <summary>A sample of WebVTT without a cue.</summary>
    public static byte[] NoCue => Box("vtte");

    private static byte[] Half(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Word(uint value)
    {
        var writer = new SpanWriter();
        writer.WriteUInt32(value);
        return writer.ToArray();
    }
}
