using System.Runtime.InteropServices;
using Sluice.Media.IsoBmff;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Fragments;

/// <summary>
/// Keeps the fragments of one track as they came, for players that fetch segments.
/// <code>
///   segment ──▶ SegmentSplitter ──▶ init: a map with a number       the same again has the same number
///                              └──▶ media ──▶ log                   of a segment that broke off, its whole fragments
/// </code>
/// Two tracks break where their times do, so that both have the same number of discontinuities: players match them by that.
/// One writes; that nothing more is to be taken may be said by anybody.
/// </summary>
internal sealed class FragmentLog(ChunkLog log, LiveMaps maps)
{
    /// <summary>Times that are further from where the last segment ended are of another timeline: forward, and back. 90 kHz.</summary>
    private const long MostGapTicks = 30 * Clock;
    private const long MostOverlapTicks = Clock / 2;

    private const int Clock = 90_000;

    /// <summary>What claims to be longer has no times that mean anything.</summary>
    private const long MostTicks = 3600L * Clock;

    /// <summary>A length may be more than the target if it is rounded to it (RFC 8216 section 4.3.3.1). Seconds.</summary>
    private const double MostRounded = 0.5;

    /// <summary>What is held until the times are known: a header with its fragment's. Bytes.</summary>
    private const int MostStagedBytes = 256 * 1024;

    /// <summary>A segment has no more than this part of the log, or too few would be there at a time for players.</summary>
    private const int PartOfLog = 4;

    private readonly Lock _gate = new();
    private readonly List<byte> _staged = [];
    private int? _map;
    private bool _isMapNew;
    private bool _isOpen;
    private bool _isRetired;
    private bool _isTold;
    private long _wholeEnd;
    private long? _partTicks;
    private long _wholeTicks;
    private long? _endTicks;
    private DateTimeOffset? _programTime;

    /// <summary>Target duration of the channel: a segment that is longer, or that would fill the log, ends between two of its fragments, and another begins.
    /// Zero cuts nothing.</summary>
    public TimeSpan TargetDuration { get; set; }

    /// <summary>The log.</summary>
    public ChunkLog Log => log;

    /// <summary>Init segments.</summary>
    public LiveMaps Maps => maps;

    /// <summary>A segment begins.</summary>
    /// <param name="isTold">The source says that it is a discontinuity.</param>
    /// <param name="programTime">When it was on the air; null when that is not known.</param>
    public void BeginSegment(bool isTold, DateTimeOffset? programTime)
    {
        lock (_gate)
        {
            // One that nobody ended: what went wrong was not of the upstream's making.
            End(_partTicks is { } part && _wholeTicks > part ? (part, _wholeTicks) : null, TargetDuration);
            (_programTime, _wholeEnd) = (programTime, 0);
            _isTold |= isTold;
            _staged.Clear();
        }
    }

    /// <summary>An init segment came, which holds for what comes.</summary>
    /// <exception cref="UpstreamRefusedException">It is too large to be kept.</exception>
    public void SetMap(ReadOnlyMemory<byte> init)
    {
        lock (_gate)
        {
            var before = _map;
            _map = maps.Add(init) ?? throw new UpstreamRefusedException("its init segment is larger than the channel's memory (`buffer`) allows");
            _isMapNew |= before is not null && before != _map;
        }
    }

    /// <summary>Media came.</summary>
    /// <param name="media">Bytes.</param>
    /// <param name="isFragmentEnd">A whole fragment ends with them.</param>
    /// <param name="span">From where to where the segment goes, 90 kHz, as far as it is known.</param>
    public void Write(ReadOnlySpan<byte> media, bool isFragmentEnd, (long StartTicks, long EndTicks)? span)
    {
        lock (_gate)
        {
            if (!_isRetired)
            {
                Take(media, isFragmentEnd, span);
            }
        }
    }

    /// <summary>The segment has ended.</summary>
    /// <param name="span">From where to where it goes; null when that is not known.</param>
    /// <param name="said">What the source says of its length.</param>
    public void EndSegment((long StartTicks, long EndTicks)? span, TimeSpan said)
    {
        lock (_gate)
        {
            End(span, said);
        }
    }

    /// <summary>What came of the segment is of no use. What it broke stays broken: the next one says so.</summary>
    public void DropSegment()
    {
        lock (_gate)
        {
            Drop();
        }
    }

    /// <summary>Nothing is taken any more, whoever still writes. For any thread; afterwards the log is nobody's, and can be completed.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _isRetired = true;
        }
    }

    private void Take(ReadOnlySpan<byte> media, bool isFragmentEnd, (long StartTicks, long EndTicks)? span)
    {
        if (!_isOpen)
        {
            _staged.AddRange(media);
            if (span is not { } known && _staged.Count < MostStagedBytes)
            {
                return;
            }

            Open(span?.StartTicks);
            log.Write(CollectionsMarshal.AsSpan(_staged));
            _staged.Clear();
        }
        else
        {
            log.Write(media);
        }

        if (isFragmentEnd)
        {
            if (span is { } now)
            {
                Cut(now.EndTicks);
            }

            _wholeEnd = log.Position;
        }

        log.Publish(); // Nobody sees what is not whole, but what is too old goes.
    }

    private void End((long StartTicks, long EndTicks)? span, TimeSpan said)
    {
        if (!_isOpen || _isRetired)
        {
            return;
        }

        log.Publish();
        if (_wholeEnd == 0)
        {
            Drop();
            return;
        }

        _isOpen = false;
        var isCut = log.Position > _wholeEnd; // The last fragment was announced and has not come: what is kept ends with the one before.
        var end = isCut && _partTicks is not null ? _wholeTicks : span?.EndTicks;
        _endTicks = end ?? _endTicks;
        var ticks = end - (_partTicks ?? span?.StartTicks) ?? 0;
        log.EndSegment(ticks is > 0 and < MostTicks ? TimeSpan.FromSeconds((double)ticks / Clock) : said, _wholeEnd);
    }

    private void Drop()
    {
        _isTold |= _isOpen && log.Index.Open is { IsDiscontinuity: true };
        _isOpen = false;
        if (!_isRetired)
        {
            log.DropSegment();
        }
    }

    private void Open(long? start)
    {
        var distance = start - _endTicks;
        var jumps = distance is > MostGapTicks or < -MostOverlapTicks;
        log.BeginSegment(_isTold || _isMapNew || jumps, _programTime, _map);
        (_isOpen, _isTold, _isMapNew) = (true, false, false);
        (_partTicks, _wholeTicks) = (start, start ?? 0);
    }

    /// <summary>With a fragment that has come whole the segment may be too long: then it ended with the one before.</summary>
    private void Cut(long end)
    {
        var isLong = end - _partTicks >= (TargetDuration.TotalSeconds + MostRounded) * Clock
            || log.Position - log.Index.Open?.Position > log.FullBytes / PartOfLog;
        if (isLong && TargetDuration > TimeSpan.Zero && _partTicks is { } part && _wholeTicks - part is > 0 and < MostTicks)
        {
            log.SplitSegment(_wholeEnd, TimeSpan.FromSeconds((double)(_wholeTicks - part) / Clock));
            _partTicks = _wholeTicks;
        }

        _wholeTicks = end;
    }
}
