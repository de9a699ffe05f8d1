using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Media.Cmaf;

namespace Sluice.Server.Probe;

/// <summary>Reads ffprobe's ways of writing things.</summary>
internal static partial class FfprobeText
{
    /// <summary>No file is as long as this: 30 days.</summary>
    private const double MostSeconds = 30 * 86400;

    /// <summary>A number of seconds that may be one; null for <c>N/A</c> and nonsense.</summary>
    public static double? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= MostSeconds ? value : null;

    /// <summary>A whole number, decimal or after <c>0x</c>; null when it is none.</summary>
    public static long? Whole(string? text) => text is null ? null
        : text.StartsWith("0x", StringComparison.Ordinal)
            ? long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A positive fraction such as <c>30000/1001</c> or <c>4:3</c>; null when it is none.</summary>
    public static Rational? Fraction(string? text) =>
        text?.Split('/', ':') is [var above, var below] && Whole(above) is > 0 and <= int.MaxValue and { } a
        && Whole(below) is > 0 and <= int.MaxValue and { } b
            ? new Rational(a, b).Reduced()
            : null;

    /// <summary>Bits in a luma sample and chroma_format_idc of ffmpeg's pixel format; (0, 1) when it is not known.</summary>
    public static (int BitDepth, int Chroma) PixelFormat(string name)
    {
        if (name.Length == 0)
        {
            return (0, 1);
        }

        var depth = DepthAtEnd().Match(name) is { Success: true } match ? int.Parse(match.Groups["bits"].ValueSpan, null)
            : name.StartsWith("p010", StringComparison.Ordinal) ? 10 : 8;
        var chroma = name.StartsWith("gray", StringComparison.Ordinal) || name.StartsWith("mono", StringComparison.Ordinal) ? 0
            : name.Contains("444", StringComparison.Ordinal) || name.Contains("gb", StringComparison.Ordinal)
                || name.Contains("rgb", StringComparison.Ordinal) || name == "pal8" ? 3
            : name.Contains("422", StringComparison.Ordinal) ? 2
            : 1;
        return (depth, chroma);
    }

    /// <summary>Degrees clockwise by which the picture is to be turned: from its display matrix, else from an old tag.</summary>
    public static int Rotation(FfprobeStream stream)
    {
        double? turned = null;
        foreach (var side in stream.SideDataList ?? [])
        {
            if (side.TryGetValue("rotation", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var left))
            {
                turned ??= -left; // The matrix counts counter-clockwise.
            }
        }

        var degrees = turned ?? Seconds(stream.Tag("rotate")) ?? 0;
        return (int)((((Math.Round(degrees / 90) * 90) % 360) + 360) % 360);
    }

    [GeneratedRegex(@"(?:p|gray|ya|y2|x2rgb|x2bgr|xv)(?<bits>9|10|12|14|16)(?:le|be|msble|msbbe)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DepthAtEnd();
}
