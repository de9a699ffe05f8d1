namespace Sluice.Media.MpegTs;

/// <summary>
/// What makes a jump into a stream a clean one: the tables of its program, and for each other PID a packet without payload whose
/// discontinuity_indicator is set (ISO/IEC 13818-1 section 2.4.3.5). Their counters are such that those of the stream follow.
/// </summary>
internal static class JoinPackets
{
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

    private static void AddTable(List<byte[]> packets, int pid, byte[] section, int lastCounter)
    {
        Span<byte> payload = new byte[1 + section.Length]; // pointer_field 0
        section.CopyTo(payload[1..]);
        var count = 1 + ((Math.Max(0, payload.Length - FlaggedRoom) + TsPacket.Room - 1) / TsPacket.Room);
        for (var i = 0; i < count; i++)
        {
            // Room for the flags of the first, and behind the section stuffing, as sections have it.
            var room = i == 0 ? FlaggedRoom : TsPacket.Room;
            var piece = new byte[room];
            piece.AsSpan().Fill(0xFF);
            var taken = Math.Min(room, payload.Length);
            payload[..taken].CopyTo(piece);
            payload = payload[taken..];

            var packet = new byte[TsPacket.Bytes];
            TsPacket.Write(packet, pid, lastCounter - (count - 1 - i), i == 0, false, null, piece);
            if (i == 0)
            {
                TsPacketHead.SetDiscontinuity(packet);
            }

            packets.Add(packet);
        }
    }
}
