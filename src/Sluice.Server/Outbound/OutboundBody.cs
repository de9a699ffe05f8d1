namespace Sluice.Server.Outbound;

/// <summary>
/// A body that may not be larger, nor come slower, than it is allowed to.
/// <code>
///   reads      ──┤wait├─┤wait├─────┤ wait ···········│ too slow
///   the watch  ──────────────│──────────────│────────│         looks when the longest wait could be over, and again when this one will be
/// </code>
/// So a read that waits sets no timer: a body has many, and each timer that is set wakes a thread.
/// </summary>
/// <param name="inner">The body.</param>
/// <param name="limits">Bounds.</param>
/// <param name="clock">For them.</param>
/// <param name="total">Cancelled when all of the time is up.</param>
internal sealed class OutboundBody(Stream inner, OutboundLimits limits, TimeProvider clock, CancellationToken total) : Stream
{
    /// <summary>Stands for no wait.</summary>
    private const long Nothing = long.MinValue;

    private readonly Lock _gate = new();
    private long _read;
    private CancellationTokenSource? _patience;
    private CancellationToken _caller;
    private ITimer? _watch;
    private long _waitsSince = Nothing;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // One for all reads, as long as the same caller reads.
        if (_patience is null || cancellationToken != _caller)
        {
            lock (_gate)
            {
                _patience?.Dispose();
                (_caller, _patience) = (cancellationToken, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total));
            }
        }

        // What has come already is not waited for.
        var read = inner.ReadAsync(buffer, _patience.Token);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Count(read.Result)) : WaitAsync(read, cancellationToken);
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.DisposeAsync(); // Waits if it is looking just now.
        }

        _patience?.Dispose();
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> read, CancellationToken ct)
    {
        Volatile.Write(ref _waitsSince, clock.GetTimestamp());
        _watch ??= clock.CreateTimer(static body => ((OutboundBody)body!).Look(), this, limits.Idle, Timeout.InfiniteTimeSpan);
        try
        {
            return Count(await read);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new OutboundException(OutboundFailure.TimedOut, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new OutboundException(OutboundFailure.Broken, e);
        }
        finally
        {
            Volatile.Write(ref _waitsSince, Nothing);
        }
    }

    private void Look()
    {
        var since = Volatile.Read(ref _waitsSince);
        var left = since == Nothing ? limits.Idle : limits.Idle - clock.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            // The wait may have ended since, and the patience may be that of another caller.
            lock (_gate)
            {
                if (Volatile.Read(ref _waitsSince) == since)
                {
                    _ = _patience!.CancelAsync(); // Whoever waits goes on elsewhere, not within the gate.
                    return;
                }
            }

            left = limits.Idle;
        }

        _watch!.Change(left, Timeout.InfiniteTimeSpan);
    }

    private int Count(int bytes)
    {
        _read += bytes;
        return _read <= limits.MaxBytes ? bytes : throw new OutboundException(OutboundFailure.TooLarge);
    }
}
