using Sluice.Media.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>
/// What makes a jump into a stream a clean one: the tables of its program, and for each other PID a packet without payload whose
/// discontinuity_indicator is set (ISO/IEC 13818-1 section 2.4.3.5). Their counters are such that those of the stream follow.
/// </summary>
internal static class JoinPackets
{
    private const byte VideoStreamId = 0xE0;
    private const int FlaggedRoom = TsPacket.Room - TsPacket.FlagsFieldBytes;

    /// <param name="program">The program that is in force.</param>
    /// <param name="counters">For each PID of the program, and others that there are, the counter that its last payload had before
    /// the point.</param>
    public static byte[] Of(TsProgramMap program, IReadOnlyDictionary<int, byte> counters)
    {
        var packets = new List<byte[]>();
        AddTable(packets, ProgramTables.AssociationPid, program.Association, counters[ProgramTables.AssociationPid]);
        AddTable(packets, program.MapPid, program.Map, counters[program.MapPid]);
        foreach (var (pid, counter) in counters)
        {
            if (pid != ProgramTables.AssociationPid && pid != program.MapPid && pid != TsPacketHead.NullPid)
            {
                var packet = new byte[TsPacket.Bytes];
                TsPacketHead.WriteDiscontinuity(packet, pid, counter);
                packets.Add(packet);
            }
        }

        return [.. packets.SelectMany(static p => p)];
    }

    /// <summary>The tables alone, for what begins in the middle of a stream and brings none itself.</summary>
    public static byte[] Tables(TsProgramMap program, byte associationCounter, byte mapCounter)
    {
        var packets = new List<byte[]>();
        AddTable(packets, ProgramTables.AssociationPid, program.Association, associationCounter);
        AddTable(packets, program.MapPid, program.Map, mapCounter);
        return [.. packets.SelectMany(static p => p)];
    }

    /// <summary>The tables alone, for a stream that goes on. Their counters are for others to set.</summary>
    public static byte[] PlainTables(TsProgramMap program)
    {
        var packets = new List<byte[]>();
        AddTable(packets, ProgramTables.AssociationPid, program.Association, 0, isJump: false);
        AddTable(packets, program.MapPid, program.Map, 0, isJump: false);
        return [.. packets.SelectMany(static p => p)];
    }

    /// <summary>A PES packet of parameter sets alone, of the same time as the picture that it comes before and belongs to.</summary>
    /// <param name="pid">The pictures'.</param>
    /// <param name="lastCounter">Counter of its last packet.</param>
    /// <param name="ptsTicks">Of the picture; null when that is not said.</param>
    /// <param name="sets">With their start codes.</param>
    public static byte[] ParameterSets(int pid, int lastCounter, long? ptsTicks, ReadOnlySpan<byte> sets)
    {
        var writer = new SpanWriter(sets.Length + PesHeader.LongBytes);
        PesHeader.Write(writer, VideoStreamId, ptsTicks ?? 0, ptsTicks ?? 0);
        writer.WriteBytes(sets);
        var pes = writer.WrittenSpan;
        var count = (pes.Length + TsPacket.Room - 1) / TsPacket.Room;
        var packets = new byte[count * TsPacket.Bytes];
        for (var i = 0; i < count; i++)
        {
            var piece = pes[(i * TsPacket.Room)..Math.Min(pes.Length, (i + 1) * TsPacket.Room)];
            TsPacket.Write(packets.AsSpan(i * TsPacket.Bytes), pid, lastCounter - (count - 1 - i), i == 0, false, null, piece);
        }

        return packets;
    }

    private static void AddTable(List<byte[]> packets, int pid, byte[] section, int lastCounter, bool isJump = true)
    {
        Span<byte> payload = new byte[1 + section.Length]; // pointer_field 0
        section.CopyTo(payload[1..]);
        var firstRoom = isJump ? FlaggedRoom : TsPacket.Room;
        var count = 1 + ((Math.Max(0, payload.Length - firstRoom) + TsPacket.Room - 1) / TsPacket.Room);
        for (var i = 0; i < count; i++)
        {
            // Room for the flags of the first, and behind the section stuffing, as sections have it.
            var room = i == 0 ? firstRoom : TsPacket.Room;
            var piece = new byte[room];
            piece.AsSpan().Fill(0xFF);
            var taken = Math.Min(room, payload.Length);
            payload[..taken].CopyTo(piece);
            payload = payload[taken..];

            var packet = new byte[TsPacket.Bytes];
            TsPacket.Write(packet, pid, lastCounter - (count - 1 - i), i == 0, false, null, piece);
            if (i == 0 && isJump)
            {
                TsPacketHead.SetDiscontinuity(packet);
            }

            packets.Add(packet);
        }
    }
}
