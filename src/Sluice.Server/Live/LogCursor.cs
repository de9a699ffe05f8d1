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
    private LogBlock? _block;
    private int _offset;

    public LogCursor(ChunkLog log, CancellationToken ct)
    {
        (_log, _ct) = (log, ct);

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

    /// <summary>Reads what is there. The bytes stay as they are for as long as they are held.</summary>
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

        if (_block is null)
        {
            return TryEnter(isComplete, out bytes);
        }

        while (true)
        {
            var next = _block.Next;
            var end = _block.Length;
            if (_offset < end)
            {
                bytes = _block.Read(_offset, end);
                (_offset, Position) = (end, _block.Start + end);
                return true;
            }

            if (next is null)
            {
                IsOver = isComplete && !_block.IsDropped;
                bytes = default;
                return false;
            }

            (_block, _offset) = (next, 0);
        }
    }

    /// <summary>Completes when there may be something to read, or nothing more will come, or the viewer has gone. After a
    /// <see cref="TryRead"/> that had nothing.</summary>
    public Task WaitAsync() => IsOver ? Task.CompletedTask : _change;

    /// <inheritdoc />
    public void Dispose() => _registration.Dispose();

    private void FallOff()
    {
        // Who has read all of the block that went has missed nothing, if the next one is still there.
        if (_log.TryFind(Position, out var block))
        {
            (_block, _offset) = (block, (int)(Position - block.Start));
            return;
        }

        _block = null;
        Skips++;
    }

    private bool TryEnter(bool isComplete, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (_log.Index.Newest is not { } point || point.Position < Position || !_log.TryFind(point.Position, out var block))
        {
            IsOver = isComplete;
            return false;
        }

        SkippedBytes += Skips > 0 ? point.Position - Position : 0;
        (_block, _offset, Position) = (block, (int)(point.Position - block.Start), point.Position);
        bytes = point.Join;
        return true;
    }
}
