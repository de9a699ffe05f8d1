namespace Sluice.Server.Ingest;

/// <summary>
/// Ends an upload whose client has sent nothing for a minute: gone without a word, as a telephone does that leaves its network. The server's own
/// limit is an average from the beginning on, which lets a line stall for five seconds at most, and after some megabytes for hours.
/// </summary>
internal sealed class SilenceLimit : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>The clock is not set anew more often.</summary>
    private const long Grain = 1000;

    private readonly CancellationTokenSource _silence = new(Longest);
    private readonly CancellationTokenSource _end;
    private long _set = Environment.TickCount64;

    /// <param name="ct">Ends it too.</param>
    public SilenceLimit(CancellationToken ct) => _end = CancellationTokenSource.CreateLinkedTokenSource(ct, _silence.Token);

    /// <summary>To be read with.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Something came.</summary>
    public void Hear()
    {
        var now = Environment.TickCount64;
        if (now - _set >= Grain)
        {
            _set = now;
            _silence.CancelAfter(Longest);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _end.Dispose();
        _silence.Dispose();
    }
}
