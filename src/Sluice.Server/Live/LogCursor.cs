namespace Sluice.Server.Live;

/// <summary>
/// Where one viewer stands in a <see cref="ChunkLog"/>. For one caller at a time:
/// <code>
/// while (!cursor.IsOver)
/// {
///     if (cursor.TryRead(out var bytes)) await body.WriteAsync(bytes, ct);
///     else await cursor.WaitAsync();
/// }
/// </code>
/// Nothing is allocated for a viewer that reads or waits but what its own awaiting takes.
/// </summary>
internal sealed class LogCursor : IDisposable
{
    private readonly ChunkLog _log;
    private readonly CancellationToken _ct;
    private readonly CancellationTokenRegistration _registration;
    private Task _change = Task.CompletedTask;
    private LogPoint? _from;
    private LogBlock? _block;
    private int _offset;

    public LogCursor(ChunkLog log, LogPoint? from, CancellationToken ct)
    {
        (_log, _from, _ct) = (log, from, ct);

        // One for the whole visit: to wait with a token of one's own would cost an allocation each time.
        _registration = ct.UnsafeRegister(static state => ((ChunkLog)state!).Wake(), log);
    }

    /// <summary>The log is complete and all of it was read.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Times that the viewer was so slow that it fell off the end.</summary>
    public int Skips { get; private set; }

    /// <summary>Bytes that it missed by that.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Position of the next byte that it is given.</summary>
    public long Position { get; private set; }

    /// <summary>Reads what is there. The bytes stay as they are until the next call.</summary>
    /// <returns>False when there is nothing now, or nothing more: see <see cref="IsOver"/>.</returns>
    /// <exception cref="OperationCanceledException">The viewer has gone.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> bytes)
    {
        _ct.ThrowIfCancellationRequested();

        // The order matters: what comes after the first two is seen by the rest, or completes the change that is waited for.
        _change = _log.NextChange;
        var isComplete = _log.IsComplete;
        if (_block is { IsDropped: true })
        {
            FallOff();
        }

        while (_block is { } block)
        {
            var next = block.Next;
            var end = block.Length;
            if (_offset < end)
            {
                bytes = block.Read(_offset, end);
                (_offset, Position) = (end, block.Start + end);
                return true;
            }

            if (next is null)
            {
                IsOver = isComplete && !block.IsDropped;
                bytes = default;
                return false;
            }

            if (!TryStand(next, 0))
            {
                FallOff();
            }
        }

        return TryEnter(isComplete, out bytes);
    }

    /// <summary>Completes when there may be something to read, or nothing more will come, or the viewer has gone. After a
    /// <see cref="TryRead"/> that had nothing.</summary>
    public Task WaitAsync() => IsOver ? Task.CompletedTask : _change;

    /// <inheritdoc />
    public void Dispose()
    {
        _registration.Dispose();
        Leave();
    }

    /// <summary>Goes to a place in a block, and holds that block instead of the one before.</summary>
    private bool TryStand(LogBlock block, int offset)
    {
        if (!block.TryHold())
        {
            return false;
        }

        Leave();
        (_block, _offset) = (block, offset);
        return true;
    }

    private void Leave()
    {
        _block?.Release();
        _block = null;
    }

    private void FallOff()
    {
        // Who has read all of the block that went has missed nothing, if the next one is still there.
        if (_log.TryFind(Position, out var block) && TryStand(block, (int)(Position - block.Start)))
        {
            return;
        }

        Leave();
        Skips++;
    }

    private bool TryEnter(bool isComplete, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (Wanted(_log.Index) is not { } point || point.Position < Position || !_log.TryFind(point.Position, out var block)
            || !TryStand(block, (int)(point.Position - block.Start)))
        {
            IsOver = isComplete;
            return false;
        }

        _from = null;
        SkippedBytes += Skips > 0 ? point.Position - Position : 0;
        Position = point.Position;
        bytes = point.Join;
        return true;
    }

    /// <summary>Where it comes in: at the place that it was to begin at, or the first after that which is still there; else at the newest.</summary>
    private LogPoint? Wanted(LogIndex index) =>
        _from is { } from && Array.Find(index.Points, p => p.Position >= from.Position) is { } there ? there : index.Newest;
}
