using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Live;

/// <summary>
/// The last minutes of a channel, for any number of viewers.
/// <code>
///   producer ──▶ GetSpan, Advance ──▶ Publish ──▶ [block]─▶[block]─▶[block]     the oldest go when the budget is used up
///                                        │             ▲        ▲      ▲
///                                      wakes         cursor   cursor  cursor    each reads where it stands
/// </code>
/// One producer, which never waits. Nothing is kept for a viewer but where it stands; who falls off the end goes on at the newest
/// point. What waits in downloads counts against the same budget.
/// </summary>
/// <param name="budgetBytes">Memory for the log and for what is being downloaded for it.</param>
internal sealed class ChunkLog(long budgetBytes)
{
    /// <summary>Blocks that are kept whatever the budget: the one that is written, and one that is read.</summary>
    private const int FewestBlocks = 2;

    private readonly Lock _gate = new();
    private LogBlock _first = new(0);
    private LogBlock? _last;
    private int _blocks = 1;
    private int _written;
    private long _inFlightBytes;
    private long _segments;
    private LogIndex _index = LogIndex.Empty;
    private TaskCompletionSource _pulse = NewPulse();
    private bool _isComplete;

    /// <summary>Position behind the last byte that was written, published or not.</summary>
    public long Position => Last.Start + _written;

    /// <summary>Position of the first byte that is still there.</summary>
    public long Tail
    {
        get
        {
            lock (_gate)
            {
                return _first.Start;
            }
        }
    }

    /// <summary>Memory that the log takes.</summary>
    public long HeldBytes => (long)Volatile.Read(ref _blocks) * LogBlock.Room;

    /// <summary>Points and segments.</summary>
    public LogIndex Index => Volatile.Read(ref _index);

    /// <summary>No more will come.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>What completes at the next change. Ask for it before looking whether there is something to read.</summary>
    internal Task NextChange => Volatile.Read(ref _pulse).Task;

    private LogBlock Last => _last ?? _first;

    /// <summary>A viewer, who begins at the newest point, or waits for the first.</summary>
    /// <param name="ct">Ends its waiting.</param>
    public LogCursor Join(CancellationToken ct) => new(this, ct);

    /// <summary>Room for the producer.</summary>
    /// <param name="atLeast">Bytes that are to lie together; at most <see cref="LogBlock.Room"/>.</param>
    public Span<byte> GetSpan(int atLeast)
    {
        if (LogBlock.Room - _written < atLeast)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(atLeast, LogBlock.Room);
            Last.Length = _written;
            var next = new LogBlock(Position);
            Last.Next = next;
            (_last, _written) = (next, 0);
            Interlocked.Increment(ref _blocks);
        }

        return Last.RoomFrom(_written);
    }

    /// <summary>So many bytes of the room were written.</summary>
    public void Advance(int bytes) => _written += bytes;

    /// <summary>The next byte is the first of a segment.</summary>
    public void BeginSegment(bool isDiscontinuity, DateTimeOffset? programTime)
    {
        var index = Index;
        var segment = new LogSegment(_segments++, Position, isDiscontinuity, programTime);
        Volatile.Write(ref _index, index with { Segments = [.. index.Segments, segment] });
    }

    /// <summary>Viewers may come in at this place, which is written already.</summary>
    public void AddPoint(LogPoint point)
    {
        var index = Index;
        Volatile.Write(ref _index, index with { Points = [.. index.Points, point] });
    }

    /// <summary>Shows viewers what was written, and wakes them. The oldest blocks go.</summary>
    public void Publish()
    {
        Last.Length = _written;
        Trim();
        Wake();
    }

    /// <summary>Shows what was written, and that it was all.</summary>
    public void Complete()
    {
        Last.Length = _written;
        Volatile.Write(ref _isComplete, true);
        Wake();
    }

    /// <summary>Asks for memory of a download. Half of the budget stays with the log.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _inFlightBytes, bytes) <= budgetBytes / 2)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _inFlightBytes, -bytes);

    /// <summary>The bytes from one position to another, which stay as they are for as long as they are held.</summary>
    /// <returns>The pieces; null when some of it is not there any more, or not yet.</returns>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Slice(long from, long to)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        while (from < to)
        {
            if (!TryFind(from, out var block))
            {
                return null;
            }

            var end = (int)Math.Min(block.Length, to - block.Start);
            if (block.Start + end <= from)
            {
                return null;
            }

            pieces.Add(block.Read((int)(from - block.Start), end));
            from = block.Start + end;
        }

        return pieces;
    }

    /// <summary>The block that a position lies in, or will lie in.</summary>
    public bool TryFind(long position, [NotNullWhen(true)] out LogBlock? block)
    {
        lock (_gate)
        {
            block = position < _first.Start ? null : _first;
            while (block?.Next is { } next && next.Start <= position)
            {
                block = next;
            }

            return block is not null;
        }
    }

    /// <summary>Wakes all who wait, though there may be nothing new.</summary>
    internal void Wake() => Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();

    /// <summary>Whoever is woken goes on somewhere else: the producer has no time for viewers.</summary>
    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Trim()
    {
        var most = Math.Max(FewestBlocks, (budgetBytes - Interlocked.Read(ref _inFlightBytes)) / LogBlock.Room);
        if (_blocks <= most)
        {
            return;
        }

        lock (_gate)
        {
            while (_blocks > most && _first.Next is { } next)
            {
                var gone = _first;
                _first = next;
                gone.Drop();
                Interlocked.Decrement(ref _blocks);
            }
        }

        Volatile.Write(ref _index, Index.From(_first.Start));
    }
}
