using Sluice.Server.Nodes;

namespace Sluice.Server.Ingest;

/// <summary>That somebody works on an upload in pieces; see <see cref="UploadLocks"/>.</summary>
internal sealed class UploadHold(TimeProvider clock, Action<UploadHold> release) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<Task<Hold?>>? _take;
    private Hold? _among;
    private CancellationTokenRegistration _losing;
    private long _heard;
    private bool _isPaused;

    /// <summary>Somebody else wants to go on where this one listens in vain, or has gone on.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>How long the client has sent nothing; nothing at all while it is not listened to.</summary>
    public TimeSpan SilentFor => Volatile.Read(ref _isPaused) ? TimeSpan.MaxValue
        : Volatile.Read(ref _heard) is not 0 and var heard ? clock.GetElapsedTime(heard) : TimeSpan.Zero;

    /// <summary>Whether other servers may work on it too.</summary>
    public bool IsAmongServers => _take is not null;

    /// <summary>The client is listened to, and was heard just now.</summary>
    public void Hear() => Volatile.Write(ref _heard, clock.GetTimestamp());

    /// <summary>The client is not listened to any more: what is done now is not to be stopped.</summary>
    public void HearNoMore() => Volatile.Write(ref _heard, 0);

    /// <summary>Takes it among servers, too.</summary>
    /// <param name="take">Takes it; null when another server has it.</param>
    /// <returns>False when another server has it.</returns>
    public Task<bool> TryTakeAsync(Func<Task<Hold?>> take)
    {
        _take = take;
        return ResumeAsync();
    }

    /// <summary>Lets other servers have it, for as long as the client sends nothing.</summary>
    public async Task PauseAsync()
    {
        Volatile.Write(ref _isPaused, true);
        if (_among is { } among)
        {
            _among = null;
            await _losing.DisposeAsync();
            await among.DisposeAsync();
        }
    }

    /// <summary>Takes it once more; false when another server has it.</summary>
    public async Task<bool> ResumeAsync()
    {
        if (_take is { } take && _among is null)
        {
            if (await take() is not { } among)
            {
                return false;
            }

            (_among, _losing) = (among, among.Lost.Register(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop));
        }

        Volatile.Write(ref _isPaused, false);
        return true;
    }

    /// <summary>Whether no other server can have taken it since.</summary>
    public async Task<bool> StandsAsync() => _among is not { } among || await among.StandsAsync(CancellationToken.None);

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
    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        release(this);
        _released.TrySetResult();
        _stop.Dispose();
    }
}
