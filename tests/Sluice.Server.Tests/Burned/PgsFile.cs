using System.Buffers.Binary;

namespace Sluice.Server.Tests.Burned;

/// <summary>A filled box that a subtitle shows.</summary>
/// <param name="From">Second at which it appears.</param>
/// <param name="To">Second at which it goes.</param>
/// <param name="X">Left edge on the canvas.</param>
/// <param name="Y">Upper edge on the canvas.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record PgsBox(double From, double To, int X, int Y, int Width, int Height);

/// <summary>
/// Writes Presentation Graphics subtitles (the .sup files of Blu-ray discs): for each box a display set that shows it and one that clears
/// the screen. A segment is <c>PG</c>, two times of 90 kHz, a type, a size, and its bytes.
/// </summary>
internal static class PgsFile
{
    private const byte Palette = 0x14, Picture = 0x15, Composition = 0x16, Windows = 0x17, End = 0x80;

    public static void Write(string path, int width, int height, params PgsBox[] boxes)
    {
        using var file = File.Create(path);
        ushort number = 0;
        foreach (var box in boxes)
        {
            var window = Bytes(1, 0, box.X >> 8, box.X, box.Y >> 8, box.Y, box.Width >> 8, box.Width, box.Height >> 8, box.Height);
            var canvas = Bytes(width >> 8, width, height >> 8, height, 0x10);
            Segment(file, box.From, Composition, [.. canvas, .. Bytes(number >> 8, number++, 0x80, 0, 0, 1, 0, 0, 0, 0, box.X >> 8, box.X, box.Y >> 8, box.Y)]);
            Segment(file, box.From, Windows, window);
            Segment(file, box.From, Palette, Bytes(0, 0, 1, 235, 128, 128, 255)); // Entry 1: white, not transparent.
            Segment(file, box.From, Picture, Object(box.Width, box.Height));
            Segment(file, box.From, End, []);

            Segment(file, box.To, Composition, [.. canvas, .. Bytes(number >> 8, number++, 0, 0, 0, 0)]);
            Segment(file, box.To, Windows, window);
            Segment(file, box.To, End, []);
        }
    }

    /// <summary>A picture of colour 1, its lines as runs: 00 C|length-high length-low colour, and 00 00 at the end of each.</summary>
    private static byte[] Object(int width, int height)
    {
        var runs = Enumerable.Repeat(Bytes(0, 0xC0 | (width >> 8), width, 1, 0, 0), height).SelectMany(line => line).ToArray();
        var size = runs.Length + 4;
        return [.. Bytes(0, 0, 0, 0xC0, size >> 16, size >> 8, size, width >> 8, width, height >> 8, height), .. runs];
    }

    private static void Segment(FileStream file, double seconds, byte type, byte[] content)
    {
        var head = new byte[13];
        "PG"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(2), (uint)Math.Round(seconds * 90000));
        head[10] = type;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(11), (ushort)content.Length);
        file.Write(head);
        file.Write(content);
    }

    private static byte[] Bytes(params int[] values) => [.. values.Select(v => (byte)v)];
}
