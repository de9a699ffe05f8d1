namespace Sluice.Server.Ingest;

/// <summary>That somebody works on an upload in pieces; see <see cref="UploadLocks"/>.</summary>
internal sealed class UploadHold(TimeProvider clock, Action<UploadHold> release) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heard;

    /// <summary>Somebody else wants to go on where this one listens in vain.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>How long the client has sent nothing; nothing at all while it is not listened to.</summary>
    public TimeSpan SilentFor => Volatile.Read(ref _heard) is not 0 and var heard ? clock.GetElapsedTime(heard) : TimeSpan.Zero;

    /// <summary>The client is listened to, and was heard just now.</summary>
    public void Hear() => Volatile.Write(ref _heard, clock.GetTimestamp());

    /// <summary>The client is not listened to any more: what is done now is not to be stopped.</summary>
    public void HearNoMore() => Volatile.Write(ref _heard, 0);

    /// <summary>Stops who works, and waits for that; false when it takes too long.</summary>
    public async Task<bool> StopAsync(TimeSpan most)
    {
        try
        {
            await _stop.CancelAsync();
            await _released.Task.WaitAsync(most, clock, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or ObjectDisposedException)
        {
            return e is ObjectDisposedException; // It has just ended by itself.
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        release(this);
        _released.TrySetResult();
        _stop.Dispose();
    }
}
