namespace Sluice.Media.MpegTs;

/// <summary>Takes packets.</summary>
/// <param name="packets">Whole ones of 188 bytes, one at least.</param>
public delegate void PacketTaker(ReadOnlySpan<byte> packets);

/// <summary>
/// Holds packets back until the PES packets that they belong to are whole, and leaves out those that never will be, so that no decoder is given half a
/// picture, at which every one stumbles.
/// <code>
///   v v a v v │ v a v v          up to the picture that has not ended, all may go
///             └ held, until the next picture begins, the segment ends, or it breaks off
/// </code>
/// What says that something is missing: a counter that jumps, a segment that breaks off, bytes that are no packets. Pictures that refer to a lost one stay
/// out too: see <see cref="PictureWait"/>. The very first picture goes as it comes: whoever waits for it waits long enough.
/// What may go at once goes from where it lies; only what is held, or has to be changed, is copied.
/// </summary>
public sealed class PesHold
{
    /// <summary>What <see cref="MostBytes"/> is when nobody says otherwise; at 50 Mbit/s it is most of a second.</summary>
    public const int UsualBytes = 4 << 20;

    /// <summary>Without a picture until then, there will be none.</summary>
    private const int MostSoundsFirst = 50;

    /// <summary>A stream of which nothing is heard for longer was of a source before.</summary>
    private const int MostSilentSegments = 3;

    private readonly List<HeldStream> _streams = [];
    private readonly HeldPackets _held = new();
    private HeldStream? _ended;
    private long _at;
    private bool _isHolding;
    private bool _isBehindBreak;
    private int _soundsBegun;

    /// <summary>A picture larger than this is not held, and goes as it comes.</summary>
    public int MostBytes { get; init; } = UsualBytes;

    /// <summary>Something was sent before that is not known here: pictures have to begin with one that refers to no other.</summary>
    public bool FollowsOthers
    {
        init => (_isBehindBreak, _isHolding) = (value, value);
    }

    /// <summary>Bytes that are held.</summary>
    public int HeldBytes => (int)(_held.End - _held.Start);

    /// <summary>The program that the packets are of, which says how pictures are coded; null as long as that is not known.</summary>
    public TsProgramMap? Program { get; set; }

    /// <summary>Pictures are looked at before they go. Then <see cref="Program"/> must be that of the very packets.</summary>
    public bool IsWaiting => (_isBehindBreak && !_streams.Exists(static s => s.IsVideo)) || _streams.Exists(static s => s.Wait.IsOn);

    /// <summary>Takes packets, and hands on those that may go by now.</summary>
    /// <param name="packets">Whole packets of 188 bytes.</param>
    /// <param name="pass">Takes what may go, in order, in any number of pieces; they stay until it returns.</param>
    public void Take(ReadOnlySpan<byte> packets, PacketTaker pass)
    {
        var (start, isHeld) = (_at, false);
        while (_at < start + packets.Length)
        {
            var left = packets[(int)(_at - start)..];
            if (!isHeld && MayChange(new TsPacketHead(left)))
            {
                _held.Add(packets);
                isHeld = true;
            }

            _at += TsPacket.Bytes * Follow(left, Math.Max(1, TsRun.Length(left) / TsPacket.Bytes));
        }

        var until = Released();
        Hand(_held.Pass(Math.Min(until, _held.End)), pass);
        if (!isHeld)
        {
            var direct = (int)Math.Max(until - start, 0);
            Hand(packets[..direct], pass);
            _held.Skip(direct);
            _held.Add(packets[direct..]);
        }
    }

    /// <summary>The segment is whole, and what is held with it.</summary>
    /// <returns>The rest; empty when there is none. It stays until the next call.</returns>
    public ReadOnlySpan<byte> Finish()
    {
        foreach (var stream in _streams)
        {
            Complete(stream);
            stream.EndSegment();
        }

        _streams.RemoveAll(static s => s.SilentSegments > MostSilentSegments);
        _ended = null;
        return _held.Pass(_at);
    }

    /// <summary>It broke off: what is not whole will never be. The rest may go.</summary>
    public ReadOnlySpan<byte> Cut()
    {
        foreach (var stream in _streams)
        {
            if (stream.Start is not null && !stream.HasEnded)
            {
                Break(stream);
            }
        }

        return Finish();
    }

    /// <summary>Bytes were lost here, nobody knows of what. Where they are missing, the last packet has the front of one and the back of another.</summary>
    public void Lose()
    {
        var last = TsPacketHead.NullPid;
        if (HeldBytes > 0)
        {
            var packet = _held.From(_at - TsPacket.Bytes);
            last = TsFraming.PidOf(packet);
            TsPacketHead.SetNull(packet);
        }

        foreach (var stream in _streams)
        {
            if (stream.Pid == last)
            {
                Break(stream);
            }

            Lack(stream);
        }

        _ended = null;
    }

    /// <summary>What comes next does not follow what came. That holds for streams, too, that have yet to begin: another source may have others.</summary>
    public void Interrupt()
    {
        _isBehindBreak |= _at > 0;
        _isHolding |= _isBehindBreak; // Before it is known whether a picture may go, all of it has to be there.
        foreach (var stream in _streams)
        {
            if (stream.IsVideo)
            {
                stream.Wait.Begin();
            }
        }
    }

    private static void Hand(ReadOnlySpan<byte> packets, PacketTaker pass)
    {
        if (!packets.IsEmpty)
        {
            pass(packets);
        }
    }

    /// <summary>Where those end that may go.</summary>
    private long Released()
    {
        if (!_isHolding || _at - _held.Start > MostBytes)
        {
            return _at;
        }

        // The last one may turn out to be none, when no other follows where one should.
        var until = _at - TsPacket.Bytes;
        foreach (var stream in _streams)
        {
            until = stream.Start is { } start && start < until ? start : until;
        }

        return Math.Max(until, _held.Start);
    }

    /// <summary>Whether <see cref="Follow"/> may take the payload out of a packet, this one or one before. Nearly never.</summary>
    private bool MayChange(TsPacketHead head)
    {
        foreach (var stream in _streams)
        {
            if (stream.Wait.IsOn || (stream.Pid == head.Pid && (stream.IsLeftOut || (!head.Payload.IsEmpty && stream.Misses(head)))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at a packet, or a run of them.</summary>
    /// <returns>Packets that were taken.</returns>
    private int Follow(ReadOnlySpan<byte> packets, int run)
    {
        var head = new TsPacketHead(packets);
        if (_ended is not null)
        {
            Complete(_ended);
            _ended = null;
        }

        var payload = head.Payload;
        var begins = head.IsStart && payload.Length >= HeldStream.UncountedBytes && PesHead.IsPes(payload);
        if (payload.IsEmpty || head.IsScrambled || Find(head.Pid, begins) is not { } stream)
        {
            return run;
        }

        if (stream.Repeats(head))
        {
            return 1;
        }

        if (stream.Misses(head))
        {
            Lack(stream);
        }

        if (begins)
        {
            Complete(stream);
            stream.Begin(payload, _at);
            if (stream is { Units: 1, IsVideo: true } && _isBehindBreak)
            {
                stream.Wait.Begin();
            }

            _isHolding |= stream.Units > 1 && (stream.IsVideo || ++_soundsBegun == MostSoundsFirst);
        }

        stream.Count(head, run, new TsPacketHead(packets[((run - 1) * TsPacket.Bytes)..]));
        if (stream.IsLeftOut)
        {
            _held.Empty(stream.Pid, _at, _at + (run * TsPacket.Bytes));
        }

        _ended = stream is { Start: not null, IsComplete: true } ? stream : null;
        return run;
    }

    /// <summary>The PES packet that is held is whole.</summary>
    private void Complete(HeldStream stream)
    {
        if (stream.Start is { } start && stream.Wait.IsOn && !stream.Wait.Admits(_held.AccessOf(stream.Pid, CodecOf(stream), start, _at), stream.PtsTicks))
        {
            _held.Empty(stream.Pid, start, _at);
            stream.IsLeftOut = true;
        }

        stream.Start = null;
    }

    /// <summary>Something of a stream is missing here.</summary>
    private void Lack(HeldStream stream)
    {
        if (stream.HasEnded)
        {
            Complete(stream);
        }

        Break(stream);
        stream.Forget();
    }

    /// <summary>It will not be whole.</summary>
    private void Break(HeldStream stream)
    {
        if (stream.Start is { } start)
        {
            _held.Empty(stream.Pid, start, _at);
        }

        (stream.Start, stream.IsLeftOut) = (null, true);
        if (stream.IsVideo)
        {
            stream.Wait.Begin(stream.PtsTicks);
        }
    }

    /// <summary>How the pictures of a stream are coded; <see cref="TsCodec.Other"/> believes what its packets say.</summary>
    private TsCodec CodecOf(HeldStream stream)
    {
        foreach (var told in Program?.Streams ?? [])
        {
            if (told.Pid == stream.Pid)
            {
                return told.Codec;
            }
        }

        return TsCodec.Other;
    }

    /// <summary>For every packet: nothing is allocated.</summary>
    private HeldStream? Find(int pid, bool begins)
    {
        foreach (var stream in _streams)
        {
            if (stream.Pid == pid)
            {
                return stream;
            }
        }

        if (!begins)
        {
            return null;
        }

        _streams.Add(new HeldStream(pid));
        return _streams[^1];
    }
}
