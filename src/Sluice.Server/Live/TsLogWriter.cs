using Sluice.Media.MpegTs;

namespace Sluice.Server.Live;

/// <summary>
/// Writes segments of MPEG-TS into a log, so that it is one stream whatever they were.
/// <code>
///   bytes ──▶ TsFraming ──▶ PesHold ──▶ TsTimeline ──▶ ContinuityRewriter ──▶ log
///             packets       pictures,   one clock      counters that run on    └──▶ TsDemuxer ──▶ points, lengths
///                           whole
/// </code>
/// Only what is whole gets in: the rest of a segment that was cut off stays out.
/// </summary>
/// <param name="log">Where it goes.</param>
/// <param name="memory">Whose memory it is that pictures take until they are whole; null when nobody counts.</param>
/// <param name="before">A writer of the same log that wrote its last, in the middle of whatever it was: for viewers it is one stream all the same. Null for the first.</param>
internal sealed class TsLogWriter(ChunkLog log, ChannelMemory? memory = null, TsLogWriter? before = null)
{
    /// <summary>A length may be rounded to the target (RFC 8216 section 4.3.3.1); a moment is left for what is estimated.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(480);

    /// <summary>A segment has no more than this part of the log, or too few would be there at a time for players.</summary>
    private const int PartOfLog = 4;

    private const long MostTableTicks = TsClock.Rate * 4 / 10;

    private readonly TsFraming _framing = new();
    private readonly PesHold _hold = new() { MostBytes = memory?.HoldBytes ?? PesHold.UsualBytes, FollowsOthers = before is not null };
    private readonly TsTimeline _timeline = TimelineAfter(before);
    private readonly ContinuityRewriter _rewriter = RewriterAfter(before);
    private readonly TsDemuxer _demuxer = new();
    private readonly SegmentSpan _span = new();
    private long? _tablesAt;
    private long _units;
    private int _framingLosses;
    private bool _hasAssociation;
    private bool _hasMap;
    private bool _hasBegun;
    private bool _isOpen;
    private bool _keepsItsWord;
    private long _countedBytes;

    /// <summary>Bytes that were no packets, those of writers before it too.</summary>
    public long LostBytes { get => field + _framing.LostBytes; } = before?.LostBytes ?? 0;

    /// <summary>Places where packets were missing within a segment.</summary>
    public long Losses => _rewriter.Losses;

    /// <summary>Bytes of pictures that are not whole.</summary>
    public long HeldBytes => _hold.HeldBytes;

    /// <summary>Times that the source's clock jumped and viewers' did not.</summary>
    public int Joined => _timeline.Joined;

    /// <summary>What the channel consists of; null until that is known.</summary>
    public TsProgramMap? Program => _demuxer.Program;

    /// <summary>Target duration of the channel: what is longer, or would fill the log, is cut into several. Zero cuts nothing.</summary>
    public TimeSpan TargetDuration { get; set; }

    /// <summary>The next byte is the first of a segment. One that is open is taken for whole.</summary>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    /// <param name="programTime">When it was on the air; null when that is not known.</param>
    /// <param name="said">What the source says of its length.</param>
    public void BeginSegment(bool isBreak, DateTimeOffset? programTime, TimeSpan said = default)
    {
        EndSegment(isWhole: true);
        _rewriter.Seam(isBreak);
        if (isBreak)
        {
            _hold.Interrupt();
            _demuxer.Interrupt();
            _timeline.Break();
        }

        log.BeginSegment(isBreak, programTime);
        _span.Begin(said);
        (_hasAssociation, _hasMap, _hasBegun, _isOpen) = (false, false, false, true);
    }

    /// <summary>Takes the next bytes of the segment, and shows viewers what came of them.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        var begin = log.Position;
        while (_framing.TryTake(ref bytes, out var packets))
        {
            LookForLoss();
            while (!packets.IsEmpty)
            {
                // Whether a picture may go depends on tables that have to go before it.
                var taken = packets[..(_hold.IsWaiting ? TsFraming.PacketBytes : packets.Length)];
                packets = packets[taken.Length..];
                _hold.Program = Program;
                _hold.Take(taken, Pass);
            }
        }

        Count(_hold.HeldBytes);
        if (log.Position > begin)
        {
            log.Publish();
        }
    }

    /// <summary>No more of the segment will come.</summary>
    /// <param name="isWhole">False when it broke off: then a picture that is not whole is left out.</param>
    public void EndSegment(bool isWhole)
    {
        if (!_isOpen)
        {
            Finish();
            return;
        }

        _isOpen = false;
        isWhole &= _framing.Restart() == 0;
        LookForLoss();

        // An origin that breaks off may do so without a word: the body ends as if that were all, and the segment is shorter than was said. That tells
        // nothing of a source that never says it right.
        var isShort = _span.Duration < _span.Said * 0.95;
        Pass(!isWhole || (isShort && _keepsItsWord) ? _hold.Cut() : _hold.Finish());
        _keepsItsWord |= isWhole && !isShort;
        if (!isWhole)
        {
            _hold.Interrupt();
        }

        Count(_hold.HeldBytes);
        log.EndSegment(_span.Duration);
        log.Publish();
    }

    /// <summary>Nothing more will be written here, and what waits is given up.</summary>
    public void Abandon() => Count(0);

    /// <summary>Sound may come behind the end of the last segment. No picture follows that would push it out.</summary>
    private void Finish()
    {
        if (_hold.HeldBytes > 0)
        {
            Pass(_hold.Finish());
            Count(_hold.HeldBytes);
            log.Publish();
        }
    }

    private void Count(long bytes)
    {
        if (bytes != _countedBytes)
        {
            memory?.Take(bytes - _countedBytes);
            _countedBytes = bytes;
        }
    }

    private static TsTimeline TimelineAfter(TsLogWriter? before)
    {
        before?._timeline.Break();
        return before?._timeline ?? new TsTimeline();
    }

    /// <summary>Viewers have seen its counters, and every stream says that it does not go on where it was.</summary>
    private static ContinuityRewriter RewriterAfter(TsLogWriter? before)
    {
        before?._rewriter.Seam(isBreak: true);
        return before?._rewriter ?? new ContinuityRewriter();
    }

    private void LookForLoss()
    {
        if (_framing.Losses > _framingLosses)
        {
            _framingLosses = _framing.Losses;
            _hold.Lose();
        }
    }

    private void Pass(ReadOnlySpan<byte> packets)
    {
        Span<byte> packet = stackalloc byte[TsFraming.PacketBytes];
        while (!packets.IsEmpty)
        {
            if (PassRun(packets) is var run and > 0)
            {
                packets = packets[run..];
                continue;
            }

            packets[..TsFraming.PacketBytes].CopyTo(packet);
            packets = packets[TsFraming.PacketBytes..];
            if (!_timeline.Restamp(packet))
            {
                continue;
            }

            if (TsClock.Of(packet) is { } clock)
            {
                RepeatTables(clock);
            }

            var room = log.GetSpan(ContinuityRewriter.MostBytes);
            Keep(room[.._rewriter.Rewrite(packet, room)]);
        }
    }

    /// <summary>Takes packets at once that are only more of a picture: nearly all are, and to look at each would be nearly all of the work.</summary>
    /// <returns>Bytes that were taken; 0 when the first packet has to be looked at.</returns>
    private int PassRun(ReadOnlySpan<byte> packets)
    {
        if (!_hasBegun || !_timeline.PassesRuns || TsRun.Length(packets) is not (var length and > 0))
        {
            return 0;
        }

        var room = log.GetSpan(TsFraming.PacketBytes);
        var run = packets[..Math.Min(length, room.Length / TsFraming.PacketBytes * TsFraming.PacketBytes)];
        if (!_demuxer.MayPassRun(run) || !_rewriter.TryRewriteRun(run, room))
        {
            return 0;
        }

        _demuxer.PassRun(room[..run.Length]);
        log.Advance(run.Length);
        return run.Length;
    }

    /// <summary>Many sources send their tables once a segment; receivers that are switched on expect them twice a second (ETSI TR 101 290
    /// section 5.2.1).</summary>
    private void RepeatTables(long clock)
    {
        if (_tablesAt is { } last && TsClock.Between(last, clock) is >= 0 and < MostTableTicks)
        {
            return;
        }

        _tablesAt = clock;
        for (var tables = _demuxer.RepeatedTables; !tables.IsEmpty; tables = tables[TsFraming.PacketBytes..])
        {
            var room = log.GetSpan(TsFraming.PacketBytes);
            _rewriter.Insert(tables.Span, room);
            Keep(room[..TsFraming.PacketBytes]);
        }
    }

    /// <summary>Takes into the log what was written into its room.</summary>
    private void Keep(ReadOnlySpan<byte> packets)
    {
        for (; !packets.IsEmpty; packets = packets[TsFraming.PacketBytes..])
        {
            var position = log.Position;
            var point = _demuxer.Read(packets[..TsFraming.PacketBytes], position);
            LookAt(packets);
            if (_demuxer.Units > _units)
            {
                _units = _demuxer.Units;
                Measure(position);
            }

            if (point is not null)
            {
                Add(point);
            }

            log.Advance(TsFraming.PacketBytes);
        }
    }

    /// <summary>Players that begin with this segment need its tables first.</summary>
    private void LookAt(ReadOnlySpan<byte> packet)
    {
        if (_hasBegun)
        {
            return;
        }

        var pid = TsFraming.PidOf(packet);
        _hasAssociation |= pid == 0;
        if (Program is not { } program)
        {
            return;
        }

        _hasMap |= pid == program.MapPid;
        if (program.Streams.Any(s => s.Pid == pid))
        {
            _hasBegun = true;
            if (!_hasAssociation || !_hasMap)
            {
                log.PrefixSegment(_demuxer.Tables);
            }
        }
    }

    private void Add(TsPoint point)
    {
        log.AddPoint(new LogPoint(point.Position, point.PtsTicks, point.Join));
        if (point.PtsTicks is { } pts)
        {
            _span.AddPoint(point.Position, pts);
        }

        // The sets of the segment's first picture, if it does not bring them.
        if (!point.Sets.IsEmpty && log.Index.Open is { } open && !log.Index.Points.Any(p => p.Position >= open.Position && p.Position < point.Position))
        {
            byte[] prefix = [.. _demuxer.Tables.Span, .. point.Sets.Span];
            log.PrefixSegment(prefix);
        }
    }

    /// <summary>A picture begins: if that makes the segment too long or too large, it is cut, where playing can begin if that can be.</summary>
    private void Measure(long position)
    {
        if (_demuxer.LastPtsTicks is not { } pts)
        {
            return;
        }

        var before = _span.Duration;
        _span.Add(pts);
        if (TargetDuration == TimeSpan.Zero || log.Index.Open is not { } open
            || (_span.Duration < TargetDuration + Rounding && position - open.Position < log.FullBytes / PartOfLog))
        {
            return;
        }

        if (_span.Cut(open.Position) is { } cut)
        {
            log.SplitSegment(cut.Position, cut.Before);
            log.PrefixSegment(log.Index.Points.LastOrDefault(p => p.Position == cut.Position)?.Join ?? _demuxer.Tables);
            _span.CutAt(cut.PtsTicks);
            return;
        }

        if (position > open.Position)
        {
            log.SplitSegment(position, before);
            log.PrefixSegment(_demuxer.Tables);
            _span.CutAt(pts);
        }
    }
}
