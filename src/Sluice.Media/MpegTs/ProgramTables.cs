using System.Buffers.Binary;
using Sluice.Media.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>An elementary stream as a program map names it.</summary>
/// <param name="StreamType">stream_type.</param>
/// <param name="Pid">elementary_PID.</param>
/// <param name="Descriptors">What is between ES_info_length and the next stream.</param>
internal readonly record struct MappedStream(byte StreamType, int Pid, ReadOnlyMemory<byte> Descriptors);

/// <summary>Program association and program map sections (ISO/IEC 13818-1 sections 2.4.4.3 and 2.4.4.8), each of which
/// fits one packet's payload.</summary>
internal static class ProgramTables
{
    public const int AssociationPid = 0;
    public const int MapPid = 0x1000;
    public const int ProgramNumber = 1;

    private const byte AssociationTable = 0;
    private const byte MapTable = 2;
    private const int Checksum = 4;
    private const int BytesPerStream = 5;

    /// <summary>Payload of a PAT packet: one program.</summary>
    public static byte[] Association()
    {
        var writer = new SpanWriter(TsPacket.Room);
        Begin(writer, AssociationTable, 1);
        writer.WriteUInt16(ProgramNumber);
        writer.WriteUInt16(0xE000 | MapPid);
        return End(writer);
    }

    /// <summary>Payload of a PMT packet, for streams that need no descriptors.</summary>
    public static byte[] Map(int clockPid, ReadOnlySpan<(byte StreamType, int Pid)> streams)
    {
        var mapped = new List<MappedStream>();
        foreach (var (streamType, pid) in streams)
        {
            mapped.Add(new MappedStream(streamType, pid, default));
        }

        return Map(clockPid, 0, mapped);
    }

    /// <summary>Payload of a PMT packet.</summary>
    /// <param name="clockPid">PID of the clock.</param>
    /// <param name="version">version_number, its low five bits: another one for each other map.</param>
    /// <param name="streams">Its streams. Descriptors for which there is no room in one packet are left out.</param>
    public static byte[] Map(int clockPid, int version, IReadOnlyList<MappedStream> streams)
    {
        var writer = new SpanWriter(TsPacket.Room);
        Begin(writer, MapTable, ProgramNumber, version);
        writer.WriteUInt16((ushort)(0xE000 | clockPid));
        writer.WriteUInt16(0xF000); // program_info_length 0
        foreach (var (streamType, pid, descriptors) in streams)
        {
            var fits = writer.Length + descriptors.Length <= TsPacket.Room - Checksum - (streams.Count * BytesPerStream);
            writer.WriteUInt8(streamType);
            writer.WriteUInt16((ushort)(0xE000 | pid));
            writer.WriteUInt16((ushort)(0xF000 | (fits ? descriptors.Length : 0)));
            writer.WriteBytes(fits ? descriptors.Span : []);
        }

        return End(writer);
    }

    private static void Begin(SpanWriter writer, byte table, int number, int version = 0)
    {
        writer.WriteUInt8(0); // pointer_field
        writer.WriteUInt8(table);
        writer.WriteUInt16(0); // section_syntax_indicator and section_length, set at the end
        writer.WriteUInt16((ushort)number);
        writer.WriteUInt8((byte)(0xC1 | ((version & 0x1F) << 1))); // current
        writer.WriteUInt16(0); // section 0 of 0
    }

    private static byte[] End(SpanWriter writer)
    {
        const int afterLength = 4;
        var payload = new byte[TsPacket.Room];
        payload.AsSpan().Fill(0xFF);
        writer.WrittenSpan.CopyTo(payload);
        var sectionLength = writer.Length - afterLength + Checksum;
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(0xB000 | sectionLength));
        BinaryPrimitives.WriteUInt32BigEndian(
            payload.AsSpan(writer.Length), Crc32Mpeg.Of(payload.AsSpan(1, writer.Length - 1)));
        return payload;
    }
}
