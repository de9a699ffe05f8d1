namespace Sluice.Media.MpegTs;

/// <summary>
/// Makes one timeline of the many that a channel has over the days: its source is restarted, replaced by another, or counts anew.
/// Players bear a jump of the clock badly, flagged or not, so there is none: PTS, DTS and PCR go on a moment after the last.
/// <code>
///   source   7000 7001 7002 │ 12 13 14      a break, or a jump that nobody spoke of
///   offset   0              │ +6990.1       the same for all streams of the program
///   out      7000 7001 7002 │ 7002.1 7003.1 7004.1
/// </code>
/// A gap of some seconds stays one: something is missing there. Sound that overlaps what was heard already is left out.
/// </summary>
public sealed class TsTimeline
{
    /// <summary>What lies further ahead than this is no gap.</summary>
    private const long MostGapTicks = 10 * TsClock.Rate;

    /// <summary>Streams of a program are interleaved no worse than this.</summary>
    private const long MostSkewTicks = 2 * TsClock.Rate;

    /// <summary>Between the last time of one timeline and the first of the next: room for what comes first and is not the earliest.</summary>
    private const long SeamTicks = TsClock.Rate / 10;

    private readonly List<Stream> _streams = [];
    private long _offset;
    private long _offsetBefore;
    private long? _last;
    private long? _lastClock;
    private bool _isPending;
    private bool _drops;
    private bool _hasVideo;
    private bool _hasAudio;
    private int _epoch;

    /// <summary>Timelines that were joined to the first.</summary>
    public int Joined { get; private set; }

    /// <summary>Packets in which nothing begins, and which have no adaptation field, stay as they are.</summary>
    public bool PassesRuns => !_drops;

    /// <summary>What comes next may belong to another timeline.</summary>
    public void Break()
    {
        _isPending = true;
        _epoch++;
    }

    /// <summary>Gives a packet its times.</summary>
    /// <param name="packet">188 bytes, which are changed where they hold times.</param>
    /// <returns>False when it is to be left out.</returns>
    public bool Restamp(Span<byte> packet)
    {
        var head = new TsPacketHead(packet);
        if (head.IsBroken || !(head.IsStart || head.HasFlags || _drops))
        {
            return true;
        }

        var isKept = true;
        var stream = Find(head.Pid);
        if (head.IsStart && !head.IsScrambled && PesHead.TryRead(head.Payload, out var pes))
        {
            stream ??= Add(head.Pid, head.Payload[3]);
            if (pes.DtsTicks is { } dts)
            {
                stream.Drops = !Decide(stream, dts, pes.PtsTicks ?? dts, out var offset);
                _drops = _streams.Exists(static s => s.Drops);
                WriteTimes(packet[^head.Payload.Length..], pes, offset);
            }
        }

        if (stream is { Drops: true } && head.HasPayload)
        {
            isKept = false;
        }

        if (head.ClockTicks is { } clock && isKept)
        {
            RestampClock(packet, clock);
        }

        return isKept;
    }

    /// <summary>Which offset a PES packet gets; false when it lies before what its stream has sent.</summary>
    private bool Decide(Stream stream, long dts, long pts, out long offset)
    {
        if (_isPending && stream.Kind != Kind.Other)
        {
            _isPending = false;
            if (_last is { } last && TsClock.Between(last, dts + _offset) is < 0 or > MostGapTicks)
            {
                Join(last - dts);
            }
        }
        else if (_last is { } last && !Fits(last, dts + _offset) && IsLead(stream) && !Fits(last, dts + _offsetBefore))
        {
            Join(last - dts);
        }

        offset = _last is { } now && !Fits(now, dts + _offset) && Fits(now, dts + _offsetBefore) ? _offsetBefore : _offset;
        if (stream.Last is { } before && stream.Epoch != _epoch
            && Math.Max(TsClock.Between(dts + offset, before), TsClock.Between(pts + offset, stream.Shown)) is var late and >= 0)
        {
            if (!IsLead(stream))
            {
                return false;
            }

            // Pictures are never left out for their time: what follows would need them. Of what broke off, one may have been sent that is shown long after.
            _offset += late + SeamTicks;
            offset = _offset;
        }

        stream.Shown = stream.Last is null || TsClock.Between(stream.Shown, pts + offset) > 0 ? (pts + offset) & TsPacket.ClockMask : stream.Shown;
        stream.Epoch = _epoch;
        stream.Last = (dts + offset) & TsPacket.ClockMask;
        if (stream.Kind != Kind.Other && (_last is not { } latest || TsClock.Between(latest, stream.Last.Value) > 0))
        {
            _last = stream.Last;
        }

        return true;
    }

    private void Join(long offset)
    {
        (_offsetBefore, _offset) = (_offset, offset + SeamTicks);
        _epoch++;
        Joined++;
    }

    private void RestampClock(Span<byte> packet, long clock)
    {
        if (_lastClock is { } last && !Fits(last, clock + _offset))
        {
            if (_isPending)
            {
                // The clock comes before the times that it is for; those may still move it.
                Join(last - clock);
            }
            else if (Fits(last, clock + _offsetBefore))
            {
                Write(packet, clock + _offsetBefore);
                return;
            }
        }

        Write(packet, clock + _offset);
    }

    private void Write(Span<byte> packet, long clock)
    {
        _lastClock = clock & TsPacket.ClockMask;
        TsPacketHead.SetClock(packet, _lastClock.Value);
    }

    private static bool Fits(long last, long ticks) => TsClock.Between(last, ticks) is >= -MostSkewTicks and <= MostGapTicks;

    private static void WriteTimes(Span<byte> payload, PesHead pes, long offset)
    {
        if (offset != 0)
        {
            pes.Restamp(payload, offset);
        }
    }

    /// <summary>Whose jumps are those of the program.</summary>
    private bool IsLead(Stream stream) => stream.Kind == Kind.Video || (!_hasVideo && (stream.Kind == Kind.Audio || !_hasAudio));

    private Stream? Find(int pid)
    {
        foreach (var stream in _streams)
        {
            if (stream.Pid == pid)
            {
                return stream;
            }
        }

        return null;
    }

    private Stream Add(int pid, byte streamId)
    {
        var stream = new Stream(pid, streamId switch
        {
            >= 0xE0 and <= 0xEF => Kind.Video,
            >= 0xC0 and <= 0xDF => Kind.Audio,
            _ => Kind.Other,
        });
        _hasVideo |= stream.Kind == Kind.Video;
        _hasAudio |= stream.Kind == Kind.Audio;
        _streams.Add(stream);
        return stream;
    }

    private enum Kind
    {
        /// <summary>What may be silent for long, and sound that does not say that it is.</summary>
        Other,
        Audio,
        Video,
    }

    private sealed class Stream(int pid, Kind kind)
    {
        public int Pid => pid;

        public Kind Kind => kind;

        /// <summary>Its last DTS that went out.</summary>
        public long? Last { get; set; }

        /// <summary>The latest PTS that went out; when there is a <see cref="Last"/>.</summary>
        public long Shown { get; set; }

        /// <summary>That of the program when this stream last went on.</summary>
        public int Epoch { get; set; }

        /// <summary>Its PES packet is left out.</summary>
        public bool Drops { get; set; }
    }
}
