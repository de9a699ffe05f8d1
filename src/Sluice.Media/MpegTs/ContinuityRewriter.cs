namespace Sluice.Media.MpegTs;

/// <summary>
/// Makes one stream of many segments: continuity counters run on over every seam (ISO/IEC 13818-1 section 2.4.3.3), and where
/// something is missing discontinuity_indicator says so. After a loss a PID is silent until its next PES packet or section
/// begins, so that no decoder is given two halves for a whole. Stuffing packets and duplicates are left out.
/// </summary>
public sealed class ContinuityRewriter
{
    /// <summary>Room that <see cref="Rewrite"/> asks for.</summary>
    public const int MostBytes = 2 * TsPacket.Bytes;

    private readonly Pid[] _pids = new Pid[TsPacketHead.Pids];

    /// <summary>Counts the seams; a PID that has another number has not crossed the last one yet.</summary>
    private int _seam = 1;
    private int _break;

    /// <summary>Places where packets were missing between two seams.</summary>
    public long Losses { get; private set; }

    /// <summary>Packets that were left out because what they belong to is not whole.</summary>
    public long Dropped { get; private set; }

    /// <summary>The next packet is the first of another segment, whose counters are its own.</summary>
    /// <param name="isBreak">It does not go on where the last one ended: something lies between them, or it is from elsewhere.</param>
    public void Seam(bool isBreak)
    {
        _seam++;
        _break = isBreak ? _seam : _break;
    }

    /// <summary>Writes a packet with the counter that it gets.</summary>
    /// <param name="packet">188 bytes.</param>
    /// <param name="output">At least <see cref="MostBytes"/>.</param>
    /// <returns>Bytes written: 188; 376 when a discontinuity is announced before it; 0 when it is left out.</returns>
    public int Rewrite(ReadOnlySpan<byte> packet, Span<byte> output)
    {
        var head = new TsPacketHead(packet);
        var number = head.Pid;
        if (number == TsPacketHead.NullPid || head.IsBroken)
        {
            return 0;
        }

        ref var pid = ref _pids[number];
        var isFirst = pid.Seam == 0;
        var crossesSeam = pid.Seam != _seam;
        var isBroken = crossesSeam && !isFirst && pid.Seam < _break;

        // Packets without payload do not count, though some muxers count them: what they say is taken as it is. Those that were emptied did count.
        var step = (head.Counter - pid.In) & 0xF;
        var jumps = (head.HasPayload && step != 1) || (head.IsEmpty && step > 1);
        if (!crossesSeam && jumps && !head.IsDiscontinuity)
        {
            if (step == 0 && head.Tail == pid.Tail)
            {
                return 0;
            }

            Losses++;
            isBroken = true;
        }

        pid.In = (byte)head.Counter;
        pid.Tail = head.HasPayload ? head.Tail : pid.Tail;
        pid.Seam = _seam;
        pid.Waits |= isBroken;
        pid.IsToBeFlagged |= isBroken;

        // At a seam a PES packet may go on from the segment before; if its counter does not, it is the rest of something else.
        pid.Waits |= crossesSeam && (isFirst || jumps);
        if (pid.Waits && head.HasPayload && !head.IsStart)
        {
            Dropped++;
            return 0;
        }

        if (head.IsEmpty)
        {
            return 0;
        }

        pid.Waits &= !head.HasPayload;
        return Write(packet, head, ref pid, output);
    }

    /// <summary>Writes a run of packets at once, where none of them needs more than its counter.</summary>
    /// <param name="run">See <see cref="TsRun.Length"/>.</param>
    /// <param name="output">At least as much room.</param>
    /// <returns>False when they have to be looked at one by one; then nothing was done.</returns>
    public bool TryRewriteRun(ReadOnlySpan<byte> run, Span<byte> output)
    {
        var head = new TsPacketHead(run);
        ref var pid = ref _pids[head.Pid];
        if (pid.Seam != _seam || pid.Waits || pid.IsToBeFlagged || ((head.Counter - pid.In) & 0xF) != 1 || head.Pid == TsPacketHead.NullPid)
        {
            return false;
        }

        run.CopyTo(output);
        var count = run.Length / TsPacket.Bytes;
        if (((head.Counter - pid.Out) & 0xF) != 0)
        {
            for (var at = 0; at < run.Length; at += TsPacket.Bytes)
            {
                TsPacketHead.SetCounter(output[at..], pid.Out + (at / TsPacket.Bytes));
            }
        }

        pid.In = (byte)((head.Counter + count - 1) & 0xF);
        pid.Tail = new TsPacketHead(run[^TsPacket.Bytes..]).Tail;
        pid.Out += (byte)count;
        return true;
    }

    /// <summary>Writes a packet that is not the source's, and counts it.</summary>
    /// <param name="packet">188 bytes, with payload.</param>
    /// <param name="output">At least 188 bytes.</param>
    public void Insert(ReadOnlySpan<byte> packet, Span<byte> output)
    {
        packet[..TsPacket.Bytes].CopyTo(output);
        ref var pid = ref _pids[new TsPacketHead(packet).Pid];
        TsPacketHead.SetCounter(output, pid.Out++);
    }

    private static int Write(ReadOnlySpan<byte> packet, TsPacketHead head, ref Pid pid, Span<byte> output)
    {
        var flags = pid.IsToBeFlagged && (!head.HasPayload || PesHead.IsPes(head.Payload));
        var written = 0;
        if (flags && !head.HasFlags)
        {
            TsPacketHead.WriteDiscontinuity(output[..TsPacket.Bytes], head.Pid, pid.Out - 1);
            written = TsPacket.Bytes;
        }

        var rewritten = output.Slice(written, TsPacket.Bytes);
        packet.CopyTo(rewritten);
        TsPacketHead.SetCounter(rewritten, head.HasPayload ? pid.Out : pid.Out - 1);
        pid.Out += (byte)(head.HasPayload ? 1 : 0);
        if (flags && head.HasFlags)
        {
            TsPacketHead.SetDiscontinuity(rewritten);
        }

        // Tables need no notice: their counters run on, and a section that is not whole has no valid checksum.
        pid.IsToBeFlagged &= !(flags || head.HasPayload);
        return written + TsPacket.Bytes;
    }

    /// <summary>The counters of one PID.</summary>
    private struct Pid
    {
        /// <summary>Of the last packet that came.</summary>
        public byte In;

        /// <summary>See <see cref="TsPacketHead.Tail"/>; of the last payload that came.</summary>
        public uint Tail;

        /// <summary>Of the next payload that goes out, in its low four bits.</summary>
        public byte Out;

        /// <summary>Seam after which it was last seen; 0 for never.</summary>
        public int Seam;

        /// <summary>It is silent until something begins.</summary>
        public bool Waits;

        /// <summary>A discontinuity is still to be announced.</summary>
        public bool IsToBeFlagged;
    }
}
