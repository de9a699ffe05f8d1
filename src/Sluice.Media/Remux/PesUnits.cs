using Sluice.Media.MpegTs;

namespace Sluice.Media.Remux;

/// <summary>
/// Puts the PES packets of one PID together again (ISO/IEC 13818-1 section 2.4.3.6). One whose packets are not all there is left out;
/// what has no time of its own goes along with what was before it.
/// </summary>
/// <param name="pid">Its packets.</param>
/// <param name="isVideo">Whether there are pictures in it.</param>
/// <param name="mostBytes">A PES packet larger than this is lost.</param>
internal sealed class PesUnits(int pid, bool isVideo, int mostBytes)
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _count;
    private int _skip;
    private int? _left;
    private int _counter = -1;
    private uint _tail;
    private bool _isAtSeam = true;

    public int Pid => pid;

    public bool IsVideo => isVideo;

    /// <summary>A PES packet has begun.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Its elementary stream as far as it has come.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>Its times and place.</summary>
    public EsUnit Unit { get; private set; }

    /// <summary>It has just been given up for its size.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Which pictures may go after one was lost.</summary>
    public PictureWait Wait { get; } = new();

    /// <summary>Where it lies in the stream.</summary>
    public long Position { get; private set; }

    /// <summary>stream_id; 0 as long as none is known.</summary>
    public byte StreamId { get; private set; }

    /// <summary>All of it has come, as its length says.</summary>
    public bool IsWhole => IsOpen && _left == 0;

    /// <summary>Decoding can begin with it.</summary>
    public void MarkSync() => Unit = Unit with { IsSync = true };

    /// <summary>The next packet is of another segment.</summary>
    /// <param name="isCut">What is open goes on nowhere.</param>
    public void Restart(bool isCut)
    {
        _isAtSeam = true;
        IsOpen &= !isCut;
    }

    /// <summary>A packet may be sent twice (section 2.4.3.3).</summary>
    public bool IsRepeat(TsPacketHead head) => !_isAtSeam && head.Counter == _counter && head.Tail == _tail;

    /// <summary>Whether what is open ends before this packet, whole or not.</summary>
    /// <param name="head">A packet of this PID.</param>
    /// <param name="isWhole">Nothing of it is missing.</param>
    public bool Ends(TsPacketHead head, out bool isWhole)
    {
        // Segments may count for themselves. Within one, a jump of the counter means that something was lost.
        var follows = ((head.Counter - _counter) & 0xF) == 1;
        isWhole = _isAtSeam ? head.IsStart || follows : follows;
        return IsOpen && ((head.IsStart && HasTime(head)) || !isWhole);
    }

    /// <summary>Takes a packet, after what was open has been seen to.</summary>
    public void Take(TsPacketHead head, long position, long segment, bool isBreak)
    {
        var payload = head.Payload;
        (_counter, _tail, _isAtSeam, IsTooLarge) = (head.Counter, head.Tail, false, false);
        if (head.IsStart)
        {
            if (!PesHead.TryRead(payload, out var pes) || head.IsScrambled)
            {
                IsOpen = false;
                return;
            }

            StreamId = payload[3];
            _skip = pes.HeadBytes;
            if (pes.PtsTicks is { } pts)
            {
                Begin(payload, pes, pts, position, segment, isBreak);
            }
        }

        if (IsOpen)
        {
            var skipped = Math.Min(_skip, payload.Length);
            _skip -= skipped;
            Append(payload[skipped..]);
        }
    }

    /// <summary>What is open has been taken, or is given up.</summary>
    public void Close() => IsOpen = false;

    private static bool HasTime(TsPacketHead head) => PesHead.TryRead(head.Payload, out var pes) && pes.PtsTicks is not null;

    private void Begin(ReadOnlySpan<byte> payload, PesHead pes, long pts, long position, long segment, bool isBreak)
    {
        var length = (payload[PesHeader.LengthAt] << 8) | payload[PesHeader.LengthAt + 1];
        (IsOpen, _count, Position) = (true, 0, position);
        _left = length == 0 ? null : Math.Max(0, length + PesHeader.Uncounted - pes.HeadBytes);
        Unit = new EsUnit(pts, pes.DtsTicks ?? pts, 0, !isVideo, segment, isBreak);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes = _left is { } left ? bytes[..Math.Min(left, bytes.Length)] : bytes;
        if (_count + bytes.Length > mostBytes)
        {
            (IsOpen, IsTooLarge) = (false, true);
            return;
        }

        if (_count + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Math.Min(2 * _bytes.Length, mostBytes), _count + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
        _left -= bytes.Length;
    }
}
