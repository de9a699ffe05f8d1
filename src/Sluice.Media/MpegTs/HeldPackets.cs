using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.MpegTs;

/// <summary>Packets in the order in which they came, at positions that only grow: bytes since the first one ever.</summary>
internal sealed class HeldPackets
{
    private byte[] _bytes = new byte[32 * 1024];
    private PictureScan? _scan;
    private int _first;
    private int _count;

    /// <summary>Position of the first packet that is held.</summary>
    public long Start { get; private set; }

    /// <summary>Position behind the last one.</summary>
    public long End => Start + _count;

    /// <summary>The bytes from a position on, which must be held.</summary>
    public Span<byte> From(long position) => _bytes.AsSpan(_first + (int)(position - Start), (int)(End - position));

    /// <summary>Adds packets.</summary>
    public void Add(ReadOnlySpan<byte> packets)
    {
        if (_first + _count + packets.Length > _bytes.Length)
        {
            var needed = _count + packets.Length;
            var target = needed <= _bytes.Length ? _bytes : new byte[Math.Max(2 * _bytes.Length, needed)];
            _bytes.AsSpan(_first, _count).CopyTo(target);
            (_bytes, _first) = (target, 0);
        }

        packets.CopyTo(_bytes.AsSpan(_first + _count));
        _count += packets.Length;
    }

    /// <summary>So many bytes went that were never held; there are none that are.</summary>
    public void Skip(int bytes) => Start += bytes;

    /// <summary>Gives up to a position away. The bytes stay until packets are added.</summary>
    public Span<byte> Pass(long until)
    {
        var passed = From(Start)[..(int)(until - Start)];
        _count -= passed.Length;
        _first = _count == 0 ? 0 : _first + passed.Length; // Where nothing is held, the processor has the front at hand.
        Start = until;
        return passed;
    }

    /// <summary>Takes the payload out of the packets of a stream, where they are still held.</summary>
    public void Empty(int pid, long from, long until)
    {
        for (var at = Math.Max(from, Start); at < until; at += TsPacket.Bytes)
        {
            var packet = From(at);
            if (TsFraming.PidOf(packet) == pid)
            {
                TsPacketHead.Empty(packet);
            }
        }
    }

    /// <summary>Whether decoding can begin with a picture, by its own bitstream.</summary>
    /// <param name="pid">Its stream.</param>
    /// <param name="codec">How it is coded.</param>
    /// <param name="from">Its first packet.</param>
    /// <param name="until">Behind its last.</param>
    public RandomAccess AccessOf(int pid, TsCodec codec, long from, long until)
    {
        _scan ??= new PictureScan();
        _scan.Drop();
        for (var at = Math.Max(from, Start); at < until; at += TsPacket.Bytes)
        {
            var head = new TsPacketHead(From(at));
            if (head.Pid != pid)
            {
                continue;
            }

            var payload = head.Payload;
            if (head.IsStart && PesHead.TryRead(payload, out var pes))
            {
                _scan.Begin(codec, head.IsRandomAccess);
                payload = payload[Math.Min(pes.HeadBytes, payload.Length)..];
            }

            if (_scan.Take(payload) is { } verdict)
            {
                return verdict.Access;
            }
        }

        return RandomAccess.None;
    }
}
