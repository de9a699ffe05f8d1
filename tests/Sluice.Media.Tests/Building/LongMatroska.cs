using System.Buffers.Binary;
using System.Text;
using static Sluice.Media.Tests.Building.MatroskaBuilder;

namespace Sluice.Media.Tests.Building;

/// <summary>
/// A Matroska film of many hours as a <see cref="SparseFile"/>: H.264 at 25 fps and AAC, in clusters of two seconds that each begin with a keyframe,
/// whose first four bytes are the cluster's number. Its Cues lie before or behind the clusters, found by a SeekHead.
/// </summary>
internal static class LongMatroska
{
    private const int ClusterSeconds = 2, Fps = 25, FrameBytes = 5400, PacketsPerSecond = 43, PacketBytes = 256;

    /// <summary>A film of this length.</summary>
    /// <param name="length">How long it is.</param>
    /// <param name="cuesLast">Its Cues lie behind its clusters.</param>
    /// <param name="cueEvery">Only every so many clusters have a cue.</param>
    public static SparseFile Of(TimeSpan length, bool cuesLast = false, int cueEvery = 1)
    {
        var clusters = (int)(length.TotalSeconds / ClusterSeconds);
        var (head, rest) = Cluster();
        byte[] info = Element(0x1549A966, [.. Element(0x2AD7B1, [0x0F, 0x42, 0x40]), .. Element(0x4489, Float(clusters * ClusterSeconds * 1000.0))]);
        byte[] sound = [.. Element(0xB5, Float(44100)), .. Element(0x9F, [1])];
        var tracks = Element(0x1654AE6B, [.. Track(1, 1, "V_MPEG4/ISO/AVC", Avc(), []), .. Track(2, 2, "A_AAC", Convert.FromHexString("121056E500"), sound)]);
        var clusterBytes = head.Length + rest.Length;
        var cuesBytes = Cues(clusters, cueEvery, 0, clusterBytes).Length;
        var before = Seek(0).Length + info.Length + tracks.Length;
        var firstCluster = before + (cuesLast ? 0 : cuesBytes);
        var cues = Cues(clusters, cueEvery, firstCluster, clusterBytes);
        var cuesAt = cuesLast ? firstCluster + ((long)clusters * clusterBytes) : before;
        byte[] start =
        [
            .. Element(0x1A45DFA3, Element(0x4282, Encoding.ASCII.GetBytes("matroska"))),
            0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        var media = Enumerable.Range(0, clusters).SelectMany(k => (SparseFile.Part[])[SparseFile.Bytes(Numbered(head, k)), SparseFile.Bytes(rest)]);
        return new SparseFile([
            SparseFile.Bytes([.. start, .. Seek(cuesAt), .. info, .. tracks]),
            .. cuesLast ? [] : (SparseFile.Part[])[SparseFile.Bytes(cues)],
            .. media,
            .. cuesLast ? [SparseFile.Bytes(cues)] : (SparseFile.Part[])[]]);
    }

    /// <summary>The pictures of segment <paramref name="number"/>, from 1, of a film in segments of so many clusters.</summary>
    public static byte[] Pictures(int number, int clustersInSegment = 3) =>
    [
        .. Enumerable.Range((number - 1) * clustersInSegment, clustersInSegment)
            .SelectMany(k => Enumerable.Range(0, ClusterSeconds * Fps).SelectMany(i => Picture(i == 0 ? k : i))),
    ];

    private static byte[] Picture(int number)
    {
        var picture = new byte[FrameBytes];
        BinaryPrimitives.WriteInt32BigEndian(picture, number);
        return picture;
    }

    /// <summary>A cluster of number 0 up to and with the number in its first picture, and the rest of it.</summary>
    private static (byte[] Head, byte[] Others) Cluster()
    {
        var pictures = Enumerable.Range(0, ClusterSeconds * Fps).Select(i => (Time: i * 1000 / Fps, Block: Block(1, i * 1000 / Fps, i == 0, Picture(i))));
        var packets = Enumerable.Range(0, ClusterSeconds * PacketsPerSecond)
            .Select(i => i * 1000 / PacketsPerSecond).Select(time => (Time: time, Block: Block(2, time, true, new byte[PacketBytes])));
        byte[] body = [.. Element(0xE7, new byte[4]), .. pictures.Concat(packets).OrderBy(b => b.Time).SelectMany(b => b.Block)];
        var cluster = Element(0x1F43B675, body);
        var numberEnd = 12 + 13 + 9 + 4 + 4;
        return (cluster[..numberEnd], cluster[numberEnd..]);
    }

    private static byte[] Numbered(byte[] head, int cluster)
    {
        byte[] numbered = [.. head];
        BinaryPrimitives.WriteInt32BigEndian(numbered.AsSpan(12 + 9), cluster * ClusterSeconds * 1000);
        BinaryPrimitives.WriteInt32BigEndian(numbered.AsSpan(head.Length - 4), cluster);
        return numbered;
    }

    private static byte[] Block(byte track, int time, bool isKey, byte[] frame) =>
        Element(0xA3, [(byte)(0x80 | track), (byte)(time >> 8), (byte)time, (byte)(isKey ? 0x80 : 0), .. frame]);

    private static byte[] Track(byte number, byte type, string codec, byte[] configuration, byte[] audio) => Element(0xAE,
    [
        .. Element(0xD7, [number]), .. Element(0x83, [type]), .. Element(0x86, Encoding.ASCII.GetBytes(codec)), .. Element(0x63A2, configuration),
        .. type == 1 ? Element(0xE0, [.. Element(0xB0, [64]), .. Element(0xBA, [48])]) : Element(0xE1, audio),
    ]);

    private static byte[] Avc()
    {
        var entry = SampleEntries.Avc;
        var at = entry.AsSpan().IndexOf("avcC"u8);
        return entry[(at + 4)..(at - 4 + BinaryPrimitives.ReadInt32BigEndian(entry.AsSpan(at - 4)))];
    }

    private static byte[] Seek(long cuesAt) =>
        Element(0x114D9B74, Element(0x4DBB, [.. Element(0x53AB, [0x1C, 0x53, 0xBB, 0x6B]), .. Element(0x53AC, Long(cuesAt))]));

    private static byte[] Cues(int clusters, int every, long firstCluster, int clusterBytes) => Element(0x1C53BB6B,
    [
        .. Enumerable.Range(0, clusters).Where(k => k % every == 0).SelectMany(k => Element(0xBB,
        [
            .. Element(0xB3, Long(k * ClusterSeconds * 1000L)),
            .. Element(0xB7, [.. Element(0xF7, [1]), .. Element(0xF1, Long(firstCluster + ((long)k * clusterBytes)))]),
        ])),
    ]);

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Float(double value) => Long(BitConverter.DoubleToInt64Bits(value));
}
