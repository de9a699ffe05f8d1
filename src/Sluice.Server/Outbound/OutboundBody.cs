namespace Sluice.Server.Outbound;

/// <summary>A body that may not be larger, nor come slower, than it is allowed to.</summary>
/// <param name="inner">The body.</param>
/// <param name="limits">Bounds.</param>
/// <param name="clock">For them.</param>
/// <param name="total">Cancelled when all of the time is up.</param>
internal sealed class OutboundBody(Stream inner, OutboundLimits limits, TimeProvider clock, CancellationToken total) : Stream
{
    private long _read;

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
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var idle = new CancellationTokenSource(limits.Idle, clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total, idle.Token);
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException(OutboundFailure.TimedOut, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new OutboundException(OutboundFailure.Broken, e);
        }

        _read += count;
        return _read <= limits.MaxBytes ? count : throw new OutboundException(OutboundFailure.TooLarge);
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
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
