using Sluice.Server.Access;

namespace Sluice.Server.Live.Output;

/// <summary>
/// Asks again and again whether who was let in may still watch, for a body that does not end: the link may have expired or been revoked meanwhile.
/// </summary>
internal sealed class PassWatch : IAsyncDisposable
{
    /// <summary>Time between two questions, and so the longest that a dead link goes on.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ending;
    private readonly ITimer _timer;

    /// <param name="pass">What the gate gave.</param>
    /// <param name="clock">The time.</param>
    /// <param name="gone">Cancelled when the viewer goes.</param>
    public PassWatch(IChannelPass pass, TimeProvider clock, CancellationToken gone)
    {
        _ending = CancellationTokenSource.CreateLinkedTokenSource(gone);
        _timer = clock.CreateTimer(
            _ =>
            {
                if (!pass.Holds())
                {
                    HasEnded = true;
                    _ending.Cancel();
                }
            },
            null, Interval, Interval);
    }

    /// <summary>Cancelled when the viewer goes, or may watch no more.</summary>
    public CancellationToken Token => _ending.Token;

    /// <summary>Whether the viewer may watch no more.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync(); // Waits for a question that is being asked.
        _ending.Dispose();
    }
}
