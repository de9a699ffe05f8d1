using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>What a stream of a program carries, as far as it matters for starting to play.</summary>
public enum TsCodec
{
    /// <summary>Private data, subtitles, or what is not known.</summary>
    Other,

    /// <summary>H.264.</summary>
    Avc,

    /// <summary>H.265.</summary>
    Hevc,

    /// <summary>MPEG-1 or MPEG-2 video.</summary>
    Mpeg2Video,

    /// <summary>Video of another kind.</summary>
    OtherVideo,

    /// <summary>Audio of any kind.</summary>
    Audio,
}

/// <summary>One elementary stream of a program map.</summary>
/// <param name="Pid">Its packets.</param>
/// <param name="StreamType">stream_type (ISO/IEC 13818-1 table 2-34).</param>
public readonly record struct TsElementaryStream(int Pid, byte StreamType)
{
    /// <summary>What stream_type says.</summary>
    public TsCodec Codec => StreamType switch
    {
        0x1B => TsCodec.Avc,
        0x24 => TsCodec.Hevc,
        0x01 or 0x02 => TsCodec.Mpeg2Video,
        0x10 or 0x21 or 0x33 or 0xD1 or 0xDB or 0xEA => TsCodec.OtherVideo,
        0x03 or 0x04 or 0x0F or 0x11 or 0x80 or 0x81 or 0x82 or 0x84 or 0x87 or 0xC1 or 0xCF => TsCodec.Audio,
        _ => TsCodec.Other,
    };

    /// <summary>Whether there are pictures in it.</summary>
    public bool IsVideo => Codec is TsCodec.Avc or TsCodec.Hevc or TsCodec.Mpeg2Video or TsCodec.OtherVideo;
}

/// <summary>The program of a stream, and the tables that tell a decoder of it. Immutable.</summary>
public sealed class TsProgramMap
{
    private const byte MapTable = 2;
    private const int MapHeadBytes = 12;
    private const int ChecksumBytes = 4;

    private TsProgramMap(int mapPid, int clockPid, TsElementaryStream[] streams, byte[] association, byte[] map)
    {
        (MapPid, ClockPid, Streams, Association, Map) = (mapPid, clockPid, streams, association, map);
        Lead = LeadOf(streams);
    }

    /// <summary>PID of the program map.</summary>
    public int MapPid { get; }

    /// <summary>PID that carries the clock; 0x1FFF for none.</summary>
    public int ClockPid { get; }

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<TsElementaryStream> Streams { get; }

    /// <summary>The stream whose pictures say where playing can begin: the first with video, else the first with audio; null when
    /// there is neither.</summary>
    public TsElementaryStream? Lead { get; }

    /// <summary>Program association section, checksum and all.</summary>
    internal byte[] Association { get; }

    /// <summary>Program map section, checksum and all.</summary>
    internal byte[] Map { get; }

    /// <summary>The descriptors of a stream, as the table has them.</summary>
    internal ReadOnlyMemory<byte> DescriptorsOf(int pid)
    {
        var body = Map.AsMemory(0, Map.Length - ChecksumBytes);
        var at = MapHeadBytes + (BinaryPrimitives.ReadUInt16BigEndian(Map.AsSpan(10)) & 0xFFF);
        while (at + 5 <= body.Length)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(body.Span[(at + 3)..]) & 0xFFF, body.Length - at - 5);
            if ((BinaryPrimitives.ReadUInt16BigEndian(body.Span[(at + 1)..]) & 0x1FFF) == pid)
            {
                return body.Slice(at + 5, length);
            }

            at += 5 + length;
        }

        return default;
    }

    /// <summary>The first program of an association section (section 2.4.4.3).</summary>
    /// <returns>Its number and the PID of its map; null when it names none.</returns>
    internal static (int Program, int MapPid)? FirstProgram(ReadOnlySpan<byte> section)
    {
        if (section.Length < 12 || section[0] != 0 || (section[5] & 1) == 0)
        {
            return null;
        }

        for (var rest = section[8..^ChecksumBytes]; rest.Length >= 4; rest = rest[4..])
        {
            // Number 0 is the network's own table.
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) is > 0 and var number)
            {
                return (number, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) & 0x1FFF);
            }
        }

        return null;
    }

    /// <summary>Reads a program map section (section 2.4.4.8).</summary>
    /// <returns>The program; null when the section is of another one, or not in force yet.</returns>
    internal static TsProgramMap? TryRead(ReadOnlySpan<byte> section, int program, int mapPid, byte[] association)
    {
        if (section.Length < MapHeadBytes + ChecksumBytes || section[0] != MapTable || (section[5] & 1) == 0
            || BinaryPrimitives.ReadUInt16BigEndian(section[3..]) != program)
        {
            return null;
        }

        var streams = new List<TsElementaryStream>();
        var body = section[..^ChecksumBytes];
        var at = MapHeadBytes + (BinaryPrimitives.ReadUInt16BigEndian(section[10..]) & 0xFFF);
        while (at + 5 <= body.Length)
        {
            streams.Add(new TsElementaryStream(BinaryPrimitives.ReadUInt16BigEndian(body[(at + 1)..]) & 0x1FFF, body[at]));
            at += 5 + (BinaryPrimitives.ReadUInt16BigEndian(body[(at + 3)..]) & 0xFFF);
        }

        var clockPid = BinaryPrimitives.ReadUInt16BigEndian(section[8..]) & 0x1FFF;
        return new TsProgramMap(mapPid, clockPid, [.. streams], association, section.ToArray());
    }

    private static TsElementaryStream? LeadOf(TsElementaryStream[] streams)
    {
        foreach (var stream in streams)
        {
            if (stream.IsVideo)
            {
                return stream;
            }
        }

        foreach (var stream in streams)
        {
            if (stream.Codec == TsCodec.Audio)
            {
                return stream;
            }
        }

        return null;
    }
}
