using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>What <see cref="PesHold"/> knows of one stream: its PES packet that is on its way, and whether that can be whole.</summary>
internal sealed class HeldStream(int pid)
{
    private const int Unknown = -1;
    private const int Unbounded = int.MaxValue;
    private const int StreamIdAt = 3;
    private const int LengthAt = 4;
    private const byte VideoStreamId = 0xE0;

    private int _counter = Unknown;
    private uint _tail;
    private int _leftBytes;
    private bool _isStuffed;
    private bool _stuffsInside;

    /// <summary>Of a PES packet, before what its length counts.</summary>
    public const int UncountedBytes = 6;

    /// <summary>Its packets.</summary>
    public int Pid => pid;

    /// <summary>Whether there are pictures in it.</summary>
    public bool IsVideo { get; private set; }

    /// <summary>PES packets that have begun.</summary>
    public int Units { get; private set; }

    /// <summary>Presentation time of the PES packet that began last, or of one before; null when none said any.</summary>
    public long? PtsTicks { get; private set; }

    /// <summary>Where its PES packet begins in what is held; null when there is none that is not whole yet.</summary>
    public long? Start { get; set; }

    /// <summary>What comes of the PES packet is of no use: it is left out until the next begins.</summary>
    public bool IsLeftOut { get; set; }

    /// <summary>Segments since it was last heard of.</summary>
    public int SilentSegments { get; private set; }

    /// <summary>Which pictures may go after some were lost.</summary>
    public PictureWait Wait { get; } = new();

    /// <summary>All of a PES packet that says its length has come.</summary>
    public bool IsComplete => _leftBytes <= 0;

    /// <summary>
    /// As far as the packets tell, the PES packet has ended. Of one that does not say its length the last packet is filled up with stuffing (ISO/IEC 13818-1
    /// section 2.4.3.5), but for one in 184, whose end fits; unless the muxer puts stuffing elsewhere too.
    /// </summary>
    public bool HasEnded => IsComplete || (_leftBytes == Unbounded && _isStuffed && !_stuffsInside);

    /// <summary>A packet is the same as the one before once more (section 2.4.3.3).</summary>
    public bool Repeats(TsPacketHead head) => head.Counter == _counter && head.Tail == _tail;

    /// <summary>A packet does not follow the one before. A notice at the beginning of a PES packet is no loss: there something else begins.</summary>
    public bool Misses(TsPacketHead head) =>
        _counter != Unknown && ((head.Counter - _counter) & 0xF) != 1 && !(head.IsStart && head.IsDiscontinuity);

    /// <summary>A PES packet begins.</summary>
    /// <param name="payload">Of its first packet.</param>
    /// <param name="at">Where that lies in what is held.</param>
    public void Begin(ReadOnlySpan<byte> payload, long at)
    {
        var said = BinaryPrimitives.ReadUInt16BigEndian(payload[LengthAt..]);
        _leftBytes = said == 0 ? Unbounded : said + UncountedBytes;
        _isStuffed = false;
        Units++;
        IsVideo = (payload[StreamIdAt] & 0xF0) == VideoStreamId;
        PtsTicks = PesHead.TryRead(payload, out var pes) && pes.PtsTicks is { } pts ? pts : PtsTicks;
        (Start, IsLeftOut) = (at, false);
    }

    /// <summary>Takes note of packets.</summary>
    /// <param name="head">Of the first.</param>
    /// <param name="packets">How many; all but the first are payload alone.</param>
    /// <param name="last">Of the last.</param>
    public void Count(TsPacketHead head, int packets, TsPacketHead last)
    {
        (_counter, _tail, SilentSegments) = (last.Counter, last.Tail, 0);
        _stuffsInside |= _isStuffed && !head.IsStart;
        _isStuffed = packets == 1 && head.IsStuffed;
        _leftBytes -= _leftBytes == Unbounded ? 0 : head.Payload.Length + ((packets - 1) * TsPacket.Room);
    }

    /// <summary>The next packet is of another segment.</summary>
    public void EndSegment()
    {
        SilentSegments++;
        Forget();
    }

    /// <summary>What comes next has counters of its own.</summary>
    public void Forget() => (_counter, _isStuffed) = (Unknown, false);
}
