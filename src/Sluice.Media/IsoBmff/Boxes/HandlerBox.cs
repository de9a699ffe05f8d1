using System.Text;
using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>HandlerBox <c>hdlr</c> (ISO/IEC 14496-12 section 8.4.3).</summary>
/// <param name="Type">Handler type.</param>
/// <param name="Name">Name for people, or null when empty or one of the stock names that writers put there.</param>
public readonly record struct HandlerBox(FourCc Type, string? Name)
{
    private const int LongestName = 200;

    /// <summary>What kind of track the handler makes.</summary>
    public TrackKind Kind => Type.ToString() switch
    {
        "vide" => TrackKind.Video,
        "soun" => TrackKind.Audio,
        "text" or "sbtl" or "subt" or "clcp" => TrackKind.Text,
        _ => TrackKind.Other,
    };

    /// <summary>Reads the body of the box.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out HandlerBox box)
    {
        var reader = new SpanReader(body);
        reader.Skip(8);
        var type = new FourCc(reader.ReadUInt32());
        reader.Skip(Math.Min(12, reader.Remaining));
        box = new HandlerBox(type, reader.Failed ? null : NameIn(reader.ReadToEnd()));
        return !reader.Failed;
    }

    private static string? NameIn(ReadOnlySpan<byte> bytes)
    {
        // QuickTime writes a Pascal string, ISO a zero-terminated one.
        if (bytes.Length > 0 && bytes[0] == bytes.Length - 1)
        {
            bytes = bytes[1..];
        }

        var end = bytes.IndexOf((byte)0);
        var name = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
        return name.Length is 0 or > LongestName || name.Contains('\uFFFD') || IsStockName(name) ? null : name;
    }

    /// <summary>Whether a name is one of those that writers put there, which say nothing to people.</summary>
    public static bool IsStockName(string name) =>
        name.Contains("Handler", StringComparison.OrdinalIgnoreCase)
        || name.Contains("Media Handle", StringComparison.OrdinalIgnoreCase)
        || name.Contains("GPAC", StringComparison.Ordinal)
        || name.Contains("Bento4", StringComparison.Ordinal)
        || name is "video" or "audio" or "sound" or "Video" or "Audio" or "Sound" or "Core Media Video" or "Core Media Audio"
        || name.EndsWith(".264", StringComparison.Ordinal) || name.Contains("Imported with", StringComparison.Ordinal);
}
