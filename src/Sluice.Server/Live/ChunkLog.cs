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
/// point. How much it may hold can change at any time (<see cref="ChannelMemory"/>).
/// </summary>
/// <param name="budgetBytes">Memory for it.</param>
internal sealed class ChunkLog(long budgetBytes)
{
    /// <summary>What is kept whatever the budget: the block that is written, and one that is read.</summary>
    public const long LeastBytes = FewestBlocks * LogBlock.Room;

    private const int FewestBlocks = 2;

    private readonly Lock _gate = new();
    private long _budget = budgetBytes;
    private long _full = budgetBytes;
    private LogBlock _first = new(0);
    private LogBlock? _last;
    private int _blocks = 1;
    private int _written;
    private LogBlock? _indexed;
    private LogIndex _index = LogIndex.Empty;
    private TaskCompletionSource _pulse = NewPulse();
    private TaskCompletionSource _segmentPulse = NewPulse();
    private bool _isComplete;
    private bool _isBroken;

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

    /// <summary>Memory for it, as long as others need theirs.</summary>
    public long BudgetBytes => Volatile.Read(ref _budget);

    /// <summary>Memory for it when nobody else needs any. What is decided by it holds for longer.</summary>
    public long FullBytes
    {
        get => Volatile.Read(ref _full);
        set => Volatile.Write(ref _full, value);
    }

    /// <summary>Memory that the log takes.</summary>
    public long HeldBytes => (long)Volatile.Read(ref _blocks) * LogBlock.Room;

    /// <summary>Points and segments.</summary>
    public LogIndex Index => Volatile.Read(ref _index);

    /// <summary>No more will come.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>No more will come, though more should have.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken);

    /// <summary>What completes when a segment has become whole, or none will any more. Ask for it before looking which there are.</summary>
    public Task NextSegment => Volatile.Read(ref _segmentPulse).Task;

    /// <summary>What completes at the next change. Ask for it before looking whether there is something to read.</summary>
    internal Task NextChange => Volatile.Read(ref _pulse).Task;

    private LogBlock Last => _last ?? _first;

    private long MostBlocks => Math.Max(FewestBlocks, BudgetBytes / LogBlock.Room);

    /// <summary>A viewer, who begins at the newest point, or waits for the first.</summary>
    /// <param name="ct">Ends its waiting.</param>
    public LogCursor Join(CancellationToken ct) => Join(null, ct);

    /// <summary>A viewer, who begins at a point, or at what is left behind it.</summary>
    /// <param name="from">The point; null for the newest.</param>
    /// <param name="ct">Ends its waiting.</param>
    public LogCursor Join(LogPoint? from, CancellationToken ct) => new(this, from, ct);

    /// <summary>Room for the producer.</summary>
    /// <param name="atLeast">Bytes that are to lie together; at most <see cref="LogBlock.Room"/>.</param>
    public Span<byte> GetSpan(int atLeast)
    {
        if (LogBlock.Room - _written < atLeast)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(atLeast, LogBlock.Room);
            Last.Length = _written;
            var next = new LogBlock(Position, MakeRoom());
            Last.Next = next;
            (_last, _written) = (next, 0);
            Interlocked.Increment(ref _blocks);
        }

        return Last.RoomFrom(_written);
    }

    /// <summary>So many bytes of the room were written.</summary>
    public void Advance(int bytes) => _written += bytes;

    /// <summary>Writes bytes, of which those that do not fit into a block go into the next.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = GetSpan(1);
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Shows what was written, and what another server's log says of it.</summary>
    public void Mirror(Func<LogIndex, LogIndex> change)
    {
        Publish();
        SetIndex(change(Index));
        Wake();
        Pulse(ref _segmentPulse);
    }

    /// <summary>The next byte is the first of a segment. One that is open ends; one of which nothing came was none.</summary>
    /// <param name="isDiscontinuity">It does not go on where the one before ended.</param>
    /// <param name="programTime">When it was on the air; null when that is not known.</param>
    /// <param name="map">See <see cref="LogSegment.Map"/>.</param>
    public void BeginSegment(bool isDiscontinuity, DateTimeOffset? programTime, int? map = null) =>
        SetIndex(Index.WithSegment(Position, isDiscontinuity, programTime, map));

    /// <summary>The open segment is whole.</summary>
    /// <param name="duration">How long it is shown.</param>
    /// <param name="end">Position behind its last byte, where something follows that is of no use; null where nothing does.</param>
    public void EndSegment(TimeSpan duration, long? end = null)
    {
        SetIndex(Index.WithEnd(end ?? Position, duration));
        Pulse(ref _segmentPulse);
    }

    /// <summary>The open segment is none: what came of it is of no use.</summary>
    public void DropSegment() => SetIndex(Index.WithoutOpen());

    /// <summary>The open segment ends before its end, at a place that is written already, and another goes on there.</summary>
    /// <param name="at">Position of the other's first byte.</param>
    /// <param name="duration">How long what lies before is shown.</param>
    public void SplitSegment(long at, TimeSpan duration)
    {
        var programTime = Index.Open?.ProgramTime is { } begins && duration < DateTimeOffset.MaxValue - begins ? begins + duration : (DateTimeOffset?)null;
        SetIndex(Index.WithEnd(at, duration).WithSegment(at, false, programTime, Index.Open?.Map));
        Pulse(ref _segmentPulse);
    }

    /// <summary>What players need before the open segment; see <see cref="LogSegment.Prefix"/>.</summary>
    public void PrefixSegment(ReadOnlyMemory<byte> prefix) => SetIndex(Index.WithPrefix(prefix));

    /// <summary>Viewers may come in at this place, which is written already.</summary>
    public void AddPoint(LogPoint point)
    {
        var index = Index;
        SetIndex(index with { Points = [.. index.Points, point] });
    }

    /// <summary>Shows viewers what was written, and wakes them. The oldest blocks go.</summary>
    public void Publish()
    {
        Last.Length = _written;
        Trim();
        Wake();
    }

    /// <summary>Shows what was written, and that it was all.</summary>
    /// <param name="isBroken">More should have come: whoever watches is to notice.</param>
    public void Complete(bool isBroken = false)
    {
        Last.Length = _written;
        Volatile.Write(ref _isBroken, isBroken);
        Volatile.Write(ref _isComplete, true);
        Wake();
        Pulse(ref _segmentPulse);
    }

    /// <summary>Sets how much it may hold; what is too much goes at once. For any thread: the index follows when the producer publishes.</summary>
    public void Resize(long budgetBytes)
    {
        Volatile.Write(ref _budget, budgetBytes);
        Shrink();
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
    internal void Wake() => Pulse(ref _pulse);

    private static void Pulse(ref TaskCompletionSource pulse) => Interlocked.Exchange(ref pulse, NewPulse()).TrySetResult();

    /// <summary>Whoever is woken goes on somewhere else: the producer has no time for viewers.</summary>
    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Trim()
    {
        Shrink();
        var first = Volatile.Read(ref _first);
        if (first != _indexed)
        {
            _indexed = first;
            SetIndex(Index.From(first.Start));
        }
    }

    private void Shrink()
    {
        if (Volatile.Read(ref _blocks) > MostBlocks)
        {
            lock (_gate)
            {
                while (_blocks > MostBlocks && DropFirst(out _))
                {
                }
            }
        }
    }

    /// <summary>Where there are as many blocks as there may be, the oldest leaves for the next one.</summary>
    /// <returns>Its room; null when there is none, or somebody reads it.</returns>
    private byte[]? MakeRoom()
    {
        byte[]? room = null;
        lock (_gate)
        {
            while (_blocks >= MostBlocks && DropFirst(out var left))
            {
                room ??= left;
            }
        }

        return room;
    }

    private bool DropFirst(out byte[]? room)
    {
        room = null;
        if (_first.Next is not { } next)
        {
            return false;
        }

        var gone = _first;
        Volatile.Write(ref _first, next);
        room = gone.Drop();
        Interlocked.Decrement(ref _blocks);
        return true;
    }

    private void SetIndex(LogIndex index) => Volatile.Write(ref _index, index);
}
