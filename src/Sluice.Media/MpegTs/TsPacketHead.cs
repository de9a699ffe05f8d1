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
    private const byte ClockFlag = 0x10;

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

    public ReadOnlySpan<byte> Payload => HasPayload && !IsBroken ? _packet[(4 + _fieldBytes)..] : [];

    /// <summary>Sets continuity_counter.</summary>
    public static void SetCounter(Span<byte> packet, int counter) => packet[3] = (byte)((packet[3] & 0xF0) | (counter & 0xF));

    /// <summary>Sets discontinuity_indicator in a packet that <see cref="HasFlags"/>.</summary>
    public static void SetDiscontinuity(Span<byte> packet) => packet[5] |= DiscontinuityFlag;

    /// <summary>Writes a packet of an adaptation field alone that announces a discontinuity of its PID. It does not count
    /// (section 2.4.3.3): the counter is that of the payload before the next.</summary>
    public static void WriteDiscontinuity(Span<byte> packet, int pid, int counter)
    {
        TsPacket.Write(packet, pid, counter, false, false, null, []);
        SetDiscontinuity(packet);
    }
}
