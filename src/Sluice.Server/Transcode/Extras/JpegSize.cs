using System.Buffers.Binary;

namespace Sluice.Server.Transcode.Extras;

/// <summary>Reads the size of a JPEG picture (ITU-T T.81 section B.2): also the proof that a file is one.</summary>
internal static class JpegSize
{
    /// <summary>Width and height in pixels, or null when the file is no whole JPEG.</summary>
    public static (int Width, int Height)? TryRead(ReadOnlySpan<byte> file)
    {
        if (file is not [0xFF, 0xD8, .., 0xFF, 0xD9])
        {
            return null;
        }

        for (var at = 2; at + 9 <= file.Length && file[at] == 0xFF;)
        {
            var marker = file[at + 1];
            if (IsFrameHeader(marker))
            {
                var height = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]);
                var width = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]);
                return width > 0 && height > 0 ? (width, height) : null;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return null;
    }

    /// <summary>SOF0 to SOF15, among which three other markers lie.</summary>
    private static bool IsFrameHeader(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
