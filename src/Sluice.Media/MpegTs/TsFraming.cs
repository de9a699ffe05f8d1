namespace Sluice.Media.MpegTs;

/// <summary>
/// Finds the packets in bytes that come in pieces of any size: packets of 188 bytes, of 192 (a time code before each) or of 204
/// (check bytes behind each), which come out as 188 all the same. Bytes that are not in step are left out until three packets in
/// a row are.
/// <code>
///   piece ──▶ held? fill one packet ──▶ in step? as many as there are, without a copy ──▶ rest is held
///                                       out of step? hold, search, count what is left out
/// </code>
/// </summary>
public sealed class TsFraming
{
    /// <summary>Sync bytes in a row that are taken for packets and not for chance (ETSI TR 101 290 section 5.2.1 asks for five; with
    /// fewer bytes lost, three suffice for a stream that another layer delivers whole).</summary>
    private const int SyncsInRow = 3;

    private static readonly int[] Strides = [TsPacket.Bytes, 192, 204];

    private readonly byte[] _held = new byte[2 * SyncsInRow * 204];
    private int _heldStart;
    private int _heldEnd;
    private int _stride;
    private int _skip;

    /// <summary>Bytes of a packet, as they come out.</summary>
    public const int PacketBytes = TsPacket.Bytes;

    /// <summary>Bytes from one packet to the next: 188, 192 or 204; 0 as long as none was found.</summary>
    public int StrideBytes { get; private set; }

    /// <summary>Bytes that were left out because they were not in step.</summary>
    public long LostBytes { get; private set; }

    /// <summary>Times that the step was lost.</summary>
    public int Losses { get; private set; }

    /// <summary>PID of a packet.</summary>
    public static int PidOf(ReadOnlySpan<byte> packet) => new TsPacketHead(packet).Pid;

    /// <summary>Takes bytes up to the end of the next run of packets.</summary>
    /// <param name="bytes">What has come; what was taken is cut off its front.</param>
    /// <param name="packets">Whole packets of 188 bytes, at least one; valid until the next call.</param>
    /// <returns>False when all was taken, and no whole packet is left.</returns>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> packets)
    {
        packets = [];
        while (true)
        {
            if (_stride == 0)
            {
                if (!Search(ref bytes))
                {
                    return false;
                }

                continue;
            }

            if (_heldStart == _heldEnd)
            {
                var skipped = Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                packets = Run(bytes);
                if (!packets.IsEmpty)
                {
                    bytes = bytes[packets.Length..];
                    _skip = _stride - TsPacket.Bytes;
                    return true;
                }
            }

            if (!Hold(ref bytes, _skip + TsPacket.Bytes))
            {
                return false;
            }

            var first = _heldStart + _skip;
            _heldStart = _held[first] == TsPacketHead.Sync ? first + TsPacket.Bytes : first;
            if (_heldStart != first)
            {
                _skip = _stride - TsPacket.Bytes;
                packets = _held.AsSpan(first, TsPacket.Bytes);
                return true;
            }

            (_stride, _skip) = (0, 0);
            Losses++;
        }
    }

    /// <summary>Forgets what is not whole: the next byte is the first of another segment. What was left over counts as lost.</summary>
    /// <returns>Bytes that were left over.</returns>
    public int Restart()
    {
        var left = _heldEnd - _heldStart;
        LostBytes += left;
        Losses += left > _skip && _stride > 0 && _held[_heldStart + _skip] != TsPacketHead.Sync ? 1 : 0;
        (_heldStart, _heldEnd, _skip) = (0, 0, 0);

        // Where there is something between packets, something may be before the first one too.
        _stride = _stride == TsPacket.Bytes ? _stride : 0;
        return left;
    }

    /// <summary>As many packets as lie there in step, without gaps between them.</summary>
    private ReadOnlySpan<byte> Run(ReadOnlySpan<byte> bytes)
    {
        var most = _stride == TsPacket.Bytes ? bytes.Length : Math.Min(bytes.Length, TsPacket.Bytes);
        var end = 0;
        while (end + TsPacket.Bytes <= most && bytes[end] == TsPacketHead.Sync)
        {
            end += TsPacket.Bytes;
        }

        return bytes[..end];
    }

    /// <summary>Holds bytes until there are so many.</summary>
    private bool Hold(ref ReadOnlySpan<byte> bytes, int wanted)
    {
        var missing = wanted - (_heldEnd - _heldStart);
        if (missing > 0)
        {
            Append(ref bytes, missing);
        }

        return _heldEnd - _heldStart >= wanted;
    }

    private void Append(ref ReadOnlySpan<byte> bytes, int most)
    {
        if (_heldEnd + most > _held.Length)
        {
            _held.AsSpan(_heldStart, _heldEnd - _heldStart).CopyTo(_held);
            (_heldStart, _heldEnd) = (0, _heldEnd - _heldStart);
        }

        var taken = Math.Min(Math.Min(most, bytes.Length), _held.Length - _heldEnd);
        bytes[..taken].CopyTo(_held.AsSpan(_heldEnd));
        _heldEnd += taken;
        bytes = bytes[taken..];
    }

    /// <summary>Looks for the step in what is held, and holds more.</summary>
    private bool Search(ref ReadOnlySpan<byte> bytes)
    {
        var window = (SyncsInRow * Strides[^1]) + 1;
        while (true)
        {
            Append(ref bytes, Math.Max(0, window - (_heldEnd - _heldStart)));
            var held = _held.AsSpan(_heldStart, _heldEnd - _heldStart);
            for (var at = held.IndexOf(TsPacketHead.Sync); at >= 0 && at + (2 * TsPacket.Bytes) < held.Length; at = NextSync(held, at))
            {
                if (StrideAt(held[at..]) is var stride and > 0)
                {
                    LostBytes += at == stride - TsPacket.Bytes ? 0 : at;
                    _heldStart += at;
                    StrideBytes = _stride = stride;
                    return true;
                }
            }

            if (bytes.IsEmpty)
            {
                return false;
            }

            // Nothing begins in what could have shown a whole row; the rest may be the beginning of one.
            var passed = Math.Max(1, held.Length - (2 * Strides[^1]));
            LostBytes += passed;
            _heldStart += passed;
        }
    }

    private static int NextSync(ReadOnlySpan<byte> held, int at)
    {
        var next = held[(at + 1)..].IndexOf(TsPacketHead.Sync);
        return next < 0 ? -1 : at + 1 + next;
    }

    private static int StrideAt(ReadOnlySpan<byte> bytes)
    {
        foreach (var stride in Strides)
        {
            var hits = 0;
            while (hits < SyncsInRow && hits * stride < bytes.Length && bytes[hits * stride] == TsPacketHead.Sync)
            {
                hits++;
            }

            if (hits == SyncsInRow)
            {
                return stride;
            }
        }

        return 0;
    }
}
