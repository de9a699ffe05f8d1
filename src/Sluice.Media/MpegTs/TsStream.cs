using System.Buffers;
using Sluice.Media.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>One elementary stream of a segment: the PES packet that waits, and the count of packets sent.</summary>
internal sealed class TsStream(int pid, byte streamId)
{
    /// <summary>continuity_counter has four bits: after this many packets it is back where it was.</summary>
    public const int CounterCycle = 16;

    /// <summary>Packets asked of the output at a time.</summary>
    private const int MostPacketsAtOnce = 64;

    private int _sent;

    public int Pid => pid;

    /// <summary>stream_id of the PES packets that begin from now on.</summary>
    public byte StreamId { get; set; } = streamId;

    /// <summary>The PES packet that waits, header and all; empty when none does.</summary>
    public SpanWriter Pending { get; } = new(16 * 1024);

    public bool HasPending => Pending.Length > 0;

    public bool IsRandomAccess { get; private set; }

    public long DecodeTicks { get; private set; }

    /// <summary>Counter of the packet before; what a packet without payload repeats (section 2.4.3.3).</summary>
    public int LastCounter => (_sent - 1) & 0xF;

    public void Begin(long ptsTicks, long dtsTicks, bool isRandomAccess)
    {
        Pending.Clear();
        PesHeader.Write(Pending, StreamId, ptsTicks, dtsTicks);
        DecodeTicks = dtsTicks;
        IsRandomAccess = isRandomAccess;
    }

    /// <summary>
    /// Sends the PES packet that waits.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="clock">PCR to put on its first packet, or null.</param>
    /// <param name="isLast">It is the segment's last: spread over so many packets that the stream's count is a
    /// multiple of 16. Every packet keeps at least one byte of payload, so every one of them counts.</param>
    public void Flush(IBufferWriter<byte> output, long? clock, bool isLast)
    {
        var rest = Pending.WrittenSpan;
        var firstRoom = TsPacket.Room - TsPacket.FieldBytes(IsRandomAccess, clock);
        var packets = 1 + ((Math.Max(0, rest.Length - firstRoom) + TsPacket.Room - 1) / TsPacket.Room);
        if (isLast)
        {
            packets += (CounterCycle - ((_sent + packets) % CounterCycle)) % CounterCycle;
        }

        for (var isFirst = true; packets > 0;)
        {
            var batch = Math.Min(packets, MostPacketsAtOnce);
            var span = output.GetSpan(batch * TsPacket.Bytes);
            for (var i = 0; i < batch; i++, packets--, isFirst = false)
            {
                var take = Math.Min(isFirst ? firstRoom : TsPacket.Room, rest.Length - (packets - 1));
                TsPacket.Write(
                    span.Slice(i * TsPacket.Bytes, TsPacket.Bytes), pid, _sent++, isFirst, isFirst && IsRandomAccess,
                    isFirst ? clock : null, rest[..take]);
                rest = rest[take..];
            }

            output.Advance(batch * TsPacket.Bytes);
        }

        Pending.Clear();
    }
}
