using Shouldly;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>An independent reading of transport packets, which shares no code with the muxer.</summary>
internal sealed record TsWalk(int Pid, bool Start, int Counter, bool HasPayload, bool RandomAccess, bool Discontinuity, long? Clock, byte[] Payload)
{
    public static List<TsWalk> Packets(byte[] stream)
    {
        (stream.Length % 188).ShouldBe(0);
        var packets = new List<TsWalk>();
        for (var at = 0; at < stream.Length; at += 188)
        {
            var p = stream.AsSpan(at, 188);
            p[0].ShouldBe((byte)0x47, "every packet starts with the sync byte");
            var control = (p[3] >> 4) & 3;
            var field = (control & 2) != 0 ? p.Slice(5, p[4]) : [];
            long? clock = field.Length > 0 && (field[0] & 0x10) != 0
                ? ((long)field[1] << 25) | ((long)field[2] << 17) | ((long)field[3] << 9) | ((long)field[4] << 1) | (long)(field[5] >> 7)
                : null;
            var payload = (control & 1) != 0 ? p[((control & 2) != 0 ? 5 + p[4] : 4)..] : [];
            packets.Add(new TsWalk(
                ((p[1] & 0x1F) << 8) | p[2], (p[1] & 0x40) != 0, p[3] & 0xF, (control & 1) != 0,
                field.Length > 0 && (field[0] & 0x40) != 0, field.Length > 0 && (field[0] & 0x80) != 0, clock, payload.ToArray()));
        }

        return packets;
    }

    /// <summary>Fails at the first continuity counter that does not follow from the one before on its PID.</summary>
    public static void CountersRunOn(IEnumerable<TsWalk> packets)
    {
        var last = new Dictionary<int, int>();
        foreach (var packet in packets)
        {
            packet.Discontinuity.ShouldBeFalse();
            if (last.TryGetValue(packet.Pid, out var before))
            {
                packet.Counter.ShouldBe(packet.HasPayload ? (before + 1) & 0xF : before, $"PID {packet.Pid:X}");
            }

            last[packet.Pid] = packet.Counter;
        }
    }

    /// <summary>Places where a counter does not follow and no discontinuity_indicator says so.</summary>
    public static List<string> UnannouncedJumps(IReadOnlyList<TsWalk> packets)
    {
        var last = new Dictionary<int, int>();
        var jumps = new List<string>();
        foreach (var (at, packet) in packets.Index())
        {
            if (last.TryGetValue(packet.Pid, out var before) && !packet.Discontinuity
                && packet.Counter != (packet.HasPayload ? (before + 1) & 0xF : before))
            {
                jumps.Add($"packet {at}, PID {packet.Pid:X}: {packet.Counter} after {before}");
            }

            last[packet.Pid] = packet.Counter;
        }

        return jumps;
    }

    /// <summary>DTS (or PTS) in the header of the PES packet that begins here.</summary>
    public long DecodeTicks()
    {
        var at = (Payload[7] & 0x40) != 0 ? 14 : 9;
        var t = Payload.AsSpan(at, 5);
        return ((long)(t[0] & 0xE) << 29) | ((long)t[1] << 22) | ((long)(t[2] & 0xFE) << 14) | ((long)t[3] << 7) | (long)(t[4] >> 1);
    }
}
