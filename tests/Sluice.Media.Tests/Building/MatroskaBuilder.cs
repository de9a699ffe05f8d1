using System.Buffers.Binary;
using System.Text;

namespace Sluice.Media.Tests.Building;

/// <summary>Matroska files as ffmpeg does not write them: laced blocks, block groups, clusters of unknown size, stripped headers.</summary>
internal sealed class MatroskaBuilder
{
    private readonly List<byte[]> _clusters = [];
    private readonly List<(long Time, int Cluster)> _cues = [];
    private byte[] _track = [];
    private byte[] _text = [];

    /// <summary>One sound of 44.1 kHz in AAC; its frames are what a test says.</summary>
    public MatroskaBuilder Sound(params byte[] stripped)
    {
        var compression = Element(0x5034, [.. Element(0x4254, [3]), .. Element(0x4255, stripped)]);
        var encodings = stripped.Length == 0 ? [] : Element(0x6D80, Element(0x6240, [.. Element(0x5033, [0]), .. compression]));
        var audio = Element(0xE1, [.. Element(0xB5, Float(44100)), .. Element(0x9F, [1])]);
        _track = Element(0xAE, [.. Element(0xD7, [1]), .. Element(0x83, [2]), .. Element(0x86, Encoding.ASCII.GetBytes("A_AAC")),
            .. Element(0x63A2, Convert.FromHexString("121056E500")), .. audio, .. encodings]);
        return this;
    }

    /// <summary>Subtitles beside it, track 2.</summary>
    public MatroskaBuilder Text(string codec, bool isDeflated = false)
    {
        var encodings = isDeflated ? Element(0x6D80, Element(0x6240, Element(0x5034, []))) : [];
        _text = Element(0xAE, [.. Element(0xD7, [2]), .. Element(0x83, [17]), .. Element(0x86, Encoding.ASCII.GetBytes(codec)), .. encodings]);
        return this;
    }

    /// <summary>A BlockGroup of the subtitles.</summary>
    public static byte[] Line(short time, byte duration, byte[] text) =>
        Element(0xA0, [.. Element(0xA1, [0x82, (byte)(time >> 8), (byte)time, 0, .. text]), .. Element(0x9B, [duration])]);

    /// <summary>A cluster that a cue names.</summary>
    public MatroskaBuilder Cluster(int time, bool isSizeKnown, params byte[][] blocks)
    {
        _cues.Add((time, _clusters.Count));
        byte[] body = [.. Element(0xE7, [(byte)(time >> 8), (byte)time]), .. blocks.SelectMany(b => b)];
        _clusters.Add(isSizeKnown ? Element(0x1F43B675, body) : [.. Id(0x1F43B675), 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. body]);
        return this;
    }

    /// <summary>A SimpleBlock of the sound, a keyframe.</summary>
    /// <param name="time">Milliseconds after the cluster's time.</param>
    /// <param name="lacing">0 none, 1 Xiph, 2 fixed, 3 EBML.</param>
    /// <param name="frames">One, or as many as the lacing holds.</param>
    public static byte[] Simple(short time, int lacing, params byte[][] frames) => Element(0xA3, Block(time, (byte)(0x80 | (lacing << 1)), lacing, frames));

    /// <summary>A BlockGroup of the sound.</summary>
    public static byte[] Group(short time, bool refersToAnother, byte[] frame) =>
        Element(0xA0, [.. Element(0x9B, [23]), .. Element(0xA1, Block(time, 0, 0, [frame])), .. refersToAnother ? Element(0xFB, [0xFF]) : []]);

    public byte[] Build()
    {
        byte[] info = Element(0x1549A966, [.. Element(0x2AD7B1, [0x0F, 0x42, 0x40]), .. Element(0x4489, Float(1000))]);
        byte[] tracks = Element(0x1654AE6B, [.. _track, .. _text]);
        // The Cues stand before the clusters, so their length must be known first: every position takes four bytes.
        var cuesBytes = CuesOf(0).Length;
        var cues = CuesOf(info.Length + tracks.Length + cuesBytes);
        byte[] body = [.. info, .. tracks, .. cues, .. _clusters.SelectMany(c => c)];
        return [.. Element(0x1A45DFA3, Element(0x4282, Encoding.ASCII.GetBytes("matroska"))), .. Element(0x18538067, body)];
    }

    public static byte[] Element(uint id, byte[] body)
    {
        var size = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(size, (1UL << 56) | (uint)body.Length);
        return [.. Id(id), .. size, .. body];
    }

    private byte[] CuesOf(int firstCluster)
    {
        var points = _cues.SelectMany(cue =>
        {
            var position = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(position, firstCluster + _clusters.Take(cue.Cluster).Sum(c => c.Length));
            return Element(0xBB, [.. Element(0xB3, [(byte)(cue.Time >> 8), (byte)cue.Time]), .. Element(0xB7, [.. Element(0xF7, [1]), .. Element(0xF1, position)])]);
        });
        return Element(0x1C53BB6B, [.. points]);
    }

    private static byte[] Block(short time, byte flags, int lacing, byte[][] frames)
    {
        byte[] sizes = lacing switch
        {
            1 => [(byte)(frames.Length - 1), .. frames.SkipLast(1).SelectMany(f => Enumerable.Repeat((byte)255, f.Length / 255).Append((byte)(f.Length % 255)))],
            2 => [(byte)(frames.Length - 1)],
            3 => [(byte)(frames.Length - 1), .. Ebml(frames[0].Length, 2),
                .. Enumerable.Range(1, frames.Length - 2).SelectMany(i => Ebml(frames[i].Length - frames[i - 1].Length + 8191, 2))],
            _ => [],
        };
        return [0x81, (byte)(time >> 8), (byte)time, flags, .. sizes, .. frames.SelectMany(f => f)];
    }

    private static byte[] Ebml(int value, int length) => [(byte)((0x80 >> (length - 1)) | (value >> 8)), (byte)value];

    private static byte[] Id(uint id)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        return [.. bytes.SkipWhile(b => b == 0)];
    }

    private static byte[] Float(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        return bytes;
    }
}
