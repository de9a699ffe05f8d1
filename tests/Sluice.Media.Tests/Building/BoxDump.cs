using System.Globalization;
using System.Text;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Building;

/// <summary>Boxes as text, one line each with its body in hexadecimal, for golden files.</summary>
internal static class BoxDump
{
    private static readonly HashSet<string> Containers =
        ["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "edts"];

    public static string Of(ReadOnlySpan<byte> boxes)
    {
        var text = new StringBuilder();
        Append(text, boxes, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> boxes, int depth)
    {
        var reader = new BoxReader(boxes);
        while (reader.Next())
        {
            var type = reader.Type.ToString();
            text.Append(' ', depth * 2).Append(CultureInfo.InvariantCulture, $"{type} {reader.Whole.Length}");
            if (Containers.Contains(type))
            {
                text.Append('\n');
                Append(text, reader.Body, depth + 1);
            }
            else
            {
                text.Append(' ').Append(Convert.ToHexStringLower(reader.Body)).Append('\n');
            }
        }
    }
}
