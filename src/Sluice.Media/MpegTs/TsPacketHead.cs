using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>What the head of a transport packet says (ISO/IEC 13818-1 sections 2.4.3.2 to 2.4.3.5).</summary>
internal readonly ref struct TsPacketHead
{
    public const byte Sync = 0x47;

    /// <summary>Stuffing, which no decoder sees.</summary>
    public const int NullPid = 0x1FFF;

    /// <summary>PIDs are 13 bits.</summary>
    public const int Pids = 0x2000;

    private const byte DiscontinuityFlag = 0x80;
    private const byte RandomAccessFlag = 0x40;
    private const byte PriorityFlag = 0x20;
    private const byte ClockFlag = 0x10;
    private const byte OriginalClockFlag = 0x08;
    private const byte SpliceFlag = 0x04;
    private const byte PrivateFlag = 0x02;
    private const byte ExtensionFlag = 0x01;
    private const int ClockBytes = 6;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _fieldBytes;

    /// <param name="packet">188 bytes that begin with the sync byte.</param>
    public TsPacketHead(ReadOnlySpan<byte> packet)
    {
        _packet = packet[..TsPacket.Bytes];
        _fieldBytes = (packet[3] & 0x20) != 0 ? 1 + packet[4] : 0;
        IsBroken = (packet[1] & 0x80) != 0 || (packet[3] & 0x30) == 0 || _fieldBytes > TsPacket.Room;
    }

    /// <summary>transport_error_indicator is set, or the adaptation field is longer than the packet.</summary>
    public bool IsBroken { get; }

    public int Pid => BinaryPrimitives.ReadUInt16BigEndian(_packet[1..]) & (Pids - 1);

    /// <summary>payload_unit_start_indicator.</summary>
    public bool IsStart => (_packet[1] & 0x40) != 0;

    public bool IsScrambled => (_packet[3] & 0xC0) != 0;

    public bool HasPayload => (_packet[3] & 0x10) != 0;

    public int Counter => _packet[3] & 0xF;

    public bool HasFlags => _fieldBytes > 1;

    public bool IsDiscontinuity => HasFlags && (_packet[5] & DiscontinuityFlag) != 0;

    public bool IsRandomAccess => HasFlags && (_packet[5] & RandomAccessFlag) != 0;

    /// <summary>program_clock_reference_base, 90 kHz, 33 bits; null when there is none.</summary>
    public long? ClockTicks => _fieldBytes > 6 && (_packet[5] & ClockFlag) != 0
        ? ((long)BinaryPrimitives.ReadUInt32BigEndian(_packet[6..]) << 1) | (long)(_packet[10] >> 7)
        : null;

    /// <summary>Neither payload nor anything said of what comes: it is there to be counted.</summary>
    public bool IsEmpty => !HasPayload && !IsBroken && (!HasFlags || _packet[5] == 0);

    /// <summary>The adaptation field is longer than what it says (section 2.4.3.5): the payload did not fill the packet.</summary>
    public bool IsStuffed => _fieldBytes == 1 || (HasFlags && !IsBroken && _fieldBytes > FilledBytes());

    /// <summary>The last four bytes, by which a packet that is sent twice is told from another that has its counter.</summary>
    public uint Tail => BinaryPrimitives.ReadUInt32LittleEndian(_packet[^4..]);

    public ReadOnlySpan<byte> Payload => HasPayload && !IsBroken ? _packet[(4 + _fieldBytes)..] : [];

    /// <summary>Sets continuity_counter.</summary>
    public static void SetCounter(Span<byte> packet, int counter) => packet[3] = (byte)((packet[3] & 0xF0) | (counter & 0xF));

    /// <summary>Sets discontinuity_indicator in a packet that <see cref="HasFlags"/>.</summary>
    public static void SetDiscontinuity(Span<byte> packet) => packet[5] |= DiscontinuityFlag;

    /// <summary>Sets program_clock_reference_base in a packet that has <see cref="ClockTicks"/>; its extension stays.</summary>
    public static void SetClock(Span<byte> packet, long ticks)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet[6..], (uint)(ticks >> 1));
        packet[10] = (byte)((packet[10] & 0x7F) | (int)((ticks & 1) << 7));
    }

    /// <summary>Makes a packet one of the stuffing.</summary>
    public static void SetNull(Span<byte> packet) => BinaryPrimitives.WriteUInt16BigEndian(packet[1..], NullPid);

    /// <summary>Takes the payload out of a packet. Its counter stays, and its clock, by which receivers run.</summary>
    public static void Empty(Span<byte> packet)
    {
        var head = new TsPacketHead(packet);
        if (!head.HasPayload || head.IsBroken)
        {
            return;
        }

        packet[1] &= 0xBF;
        packet[3] = (byte)(0x20 | (packet[3] & 0xF));
        packet[5] = (byte)(head.HasFlags ? packet[5] & ~(RandomAccessFlag | PriorityFlag) : 0);
        packet[(4 + Math.Max(TsPacket.FlagsFieldBytes, head._fieldBytes))..TsPacket.Bytes].Fill(0xFF);
        packet[4] = TsPacket.Room - 1;
    }

    /// <summary>Writes a packet of an adaptation field alone that announces a discontinuity of its PID. It does not count
    /// (section 2.4.3.3): the counter is that of the payload before the next.</summary>
    public static void WriteDiscontinuity(Span<byte> packet, int pid, int counter)
    {
        TsPacket.Write(packet, pid, counter, false, false, null, []);
        SetDiscontinuity(packet);
    }

    /// <summary>What the flags of the adaptation field say that it holds, with them and its length.</summary>
    private int FilledBytes()
    {
        var flags = _packet[5];
        var bytes = TsPacket.FlagsFieldBytes + ((flags & ClockFlag) != 0 ? ClockBytes : 0)
            + ((flags & OriginalClockFlag) != 0 ? ClockBytes : 0) + ((flags & SpliceFlag) != 0 ? 1 : 0);
        foreach (var flag in (ReadOnlySpan<byte>)[PrivateFlag, ExtensionFlag])
        {
            // Each begins with its length.
            bytes += (flags & flag) != 0 && bytes < _fieldBytes ? 1 + _packet[4 + bytes] : 0;
        }

        return bytes;
    }
}
