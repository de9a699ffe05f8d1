using System.Text;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Codecs;

/// <summary>Sample entries written by hand.</summary>
internal static class SampleEntryBytes
{

    public static byte[] Box(string type, params byte[][] parts)
    {
        var writer = new SpanWriter();
        var start = writer.BeginBox(type);
        foreach (var part in parts)
        {
            writer.WriteBytes(part);
        }

        writer.EndBox(start);
        return writer.ToArray();
    }

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Video(string type, int width, int height, params byte[][] children)
    {
        var head = new byte[78];
        head[7] = 1;
        (head[24], head[25], head[26], head[27]) = ((byte)(width >> 8), (byte)width, (byte)(height >> 8), (byte)height);
        return Box(type, [head, .. children]);
    }

    /// <summary>A version 0 sound entry.</summary>
    public static byte[] Audio(string type, int channels, int rate, params byte[][] children) =>
        Box(type, [AudioHead(0, channels, rate), .. children]);

    /// <summary>QuickTime sound description version 1, its boxes inside <c>wave</c>.</summary>
    public static byte[] QuickTimeAudio(string type, int channels, int rate, params byte[][] children) => Box(
        type, AudioHead(1, channels, rate), Hex("00000400 00000000 00000000 00000002"),
        Box("wave", [Box("frma", Encoding.ASCII.GetBytes(type)), .. children, Hex("0000000800000000")]));

    /// <summary>QuickTime sound description version 2: rate and channels in full, the old fields senseless.</summary>
    public static byte[] QuickTimeAudio2(string type, int channels, double rate, params byte[][] children)
    {
        var writer = new SpanWriter();
        writer.WriteUInt32(72);
        writer.WriteUInt64(BitConverter.DoubleToUInt64Bits(rate));
        writer.WriteUInt32((uint)channels);
        writer.WriteUInt32(0x7F00_0000);
        writer.WriteZeros(16);
        return Box(type, [AudioHead(2, 3, 1), writer.ToArray(), Box("wave", children)]);
    }

    /// <summary>An <c>esds</c> with one-byte descriptor lengths.</summary>
    public static byte[] Esds(int objectType, string specific)
    {
        var info = Hex(specific);
        byte[] tagged = info.Length == 0 ? [] : [5, (byte)info.Length, .. info];
        return Box(
            "esds",
            [0, 0, 0, 0, 3, (byte)(3 + 15 + tagged.Length + 3), 0, 0, 0, 4, (byte)(13 + tagged.Length), (byte)objectType, 0x15],
            new byte[11], tagged, [6, 1, 2]);
    }

    private static byte[] AudioHead(int version, int channels, int rate)
    {
        var writer = new SpanWriter();
        writer.WriteZeros(6);
        writer.WriteUInt16(1);
        writer.WriteUInt16((ushort)version);
        writer.WriteZeros(6);
        writer.WriteUInt16((ushort)channels);
        writer.WriteUInt16(16);
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)rate << 16);
        return writer.ToArray();
    }
}
