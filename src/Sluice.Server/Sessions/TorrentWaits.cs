using Sluice.Server.Store;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Waits for pieces of a torrent's file. However many wait for one, it is asked for once.
/// <code>
///   piece was here before ──▶ nothing to do
///   wait ──▶ it came ──▶ here
///     ├──▶ long enough: told to come back; it stays asked for, for whoever comes back
///     └──▶ the last one has left ──▶ it is not asked for any more
/// </code>
/// </summary>
/// <param name="reader">Reads the file.</param>
/// <param name="file">The file.</param>
/// <param name="pieceBytes">Size of a piece.</param>
/// <param name="clock">Time.</param>
internal sealed class TorrentWaits(IObjectReader reader, TorrentFile file, int pieceBytes, TimeProvider clock) : IDisposable
{
    /// <summary>Pieces that are asked for so at the same time: viewers who seek about where nobody has anything are told to come back at once.</summary>
    private const int Most = 64;

    /// <summary>How long somebody waits; players give up on a silent server after ten seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>How long a piece stays asked for when nobody waits for it: a player that was told to come back does so within some seconds.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _here = [];
    private readonly Dictionary<long, Wait> _waits = [];
    private bool _isDisposed;

    /// <summary>How long the piece that was asked for first is waited for; zero when nothing is.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_gate)
            {
                return _waits.Count == 0 ? TimeSpan.Zero : _waits.Values.Max(wait => clock.GetElapsedTime(wait.Since));
            }
        }
    }

    /// <summary>Waits, for a bounded time, until the piece in which <paramref name="offset"/> lies is here.</summary>
    /// <exception cref="SourceUnavailableException">It has not come.</exception>
    /// <exception cref="TorrentException">It cannot be had.</exception>
    public ValueTask WaitAsync(long offset, CancellationToken ct) => WaitAsync(PieceOf(offset), offset, Patience, ct);

    /// <summary>As that, for all of these parts; all of them together are waited for no longer than one.</summary>
    /// <exception cref="SourceUnavailableException">Not all have come.</exception>
    /// <exception cref="TorrentException">They cannot be had.</exception>
    public async ValueTask WaitAsync(IReadOnlyList<BytePart> parts, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        foreach (var part in parts)
        {
            for (var (piece, last) = (PieceOf(part.Offset), PieceOf(part.Offset + part.Length - 1)); piece <= last; piece++)
            {
                var left = Patience - clock.GetElapsedTime(began);
                await WaitAsync(piece, Math.Max(part.Offset, (piece * pieceBytes) - file.Position), left > TimeSpan.Zero ? left : TimeSpan.Zero, ct);
            }
        }
    }

    private long PieceOf(long offset) => (file.Position + offset) / pieceBytes;

    private async ValueTask WaitAsync(long piece, long offset, TimeSpan patience, CancellationToken ct)
    {
        if (Join(piece, offset) is not { } wait)
        {
            return;
        }

        var mayLinger = false;
        try
        {
            await wait.Here.WaitAsync(patience, clock, ct);
        }
        catch (TimeoutException e)
        {
            mayLinger = true;
            throw Pending(e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw Pending(e); // The last who waited before left in the same moment.
        }
        finally
        {
            Leave(wait, mayLinger);
        }
    }

    /// <summary>Nothing is asked for any more.</summary>
    public void Dispose()
    {
        Wait[] left;
        lock (_gate)
        {
            _isDisposed = true;
            left = [.. _waits.Values];
        }

        foreach (var wait in left)
        {
            wait.Stop.Cancel();
        }
    }

    private static SourceUnavailableException Pending(Exception? e = null) =>
        new("Nobody who is connected has sent it yet.", e) { IsPending = true };

    /// <summary>Who waits for a piece, with one more; null when it was here.</summary>
    private Wait? Join(long piece, long offset)
    {
        lock (_gate)
        {
            if (_here.Contains(piece))
            {
                return null;
            }

            if (!_waits.TryGetValue(piece, out var wait))
            {
                if (_isDisposed || _waits.Count >= Most)
                {
                    throw Pending();
                }

                wait = new Wait(clock);
                _waits[piece] = wait;
                wait.Here = AskAsync(piece, offset, wait);
            }

            wait.Waiting++;
            wait.Stop.CancelAfter(Timeout.InfiniteTimeSpan);
            return wait;
        }
    }

    private void Leave(Wait wait, bool mayLinger)
    {
        var isForNobody = false;
        lock (_gate)
        {
            if (--wait.Waiting == 0 && !wait.Here.IsCompleted)
            {
                isForNobody = !mayLinger;
                wait.Stop.CancelAfter(mayLinger ? Linger : Timeout.InfiniteTimeSpan);
            }
        }

        if (isForNobody)
        {
            wait.Stop.Cancel();
        }
    }

    private async Task AskAsync(long piece, long offset, Wait wait)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever starts it holds the gate.
        var isHere = false;
        try
        {
            await reader.PrepareAsync(offset, wait.Stop.Token);
            isHere = true;
        }
        finally
        {
            lock (_gate)
            {
                _waits.Remove(piece);
                if (isHere)
                {
                    _here.Add(piece);
                }
            }
        }
    }

    /// <summary>A piece that is waited for.</summary>
    private sealed class Wait(TimeProvider clock)
    {
        public Task Here { get; set; } = Task.CompletedTask;

        public long Since { get; } = clock.GetTimestamp();

        public int Waiting { get; set; }

        /// <summary>Ends it. A timer is all that it holds, and that ends with it.</summary>
        public CancellationTokenSource Stop { get; } = new(Timeout.InfiniteTimeSpan, clock);
    }
}
