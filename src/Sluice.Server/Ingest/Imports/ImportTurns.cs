using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Which imports this process works on, and bells for who waits for more. Torrents have one of their own, for their own workers: a swarm
/// in which nobody has anything holds up no other server's files.</summary>
internal sealed class ImportTurns : IDisposable
{
    private readonly SemaphoreSlim _bell = new(0);
    private readonly SemaphoreSlim _swarmBell = new(0);
    private readonly Lock _gate = new();
    private readonly Dictionary<AssetId, CancellationTokenSource> _taken = [];

    /// <summary>There may be something of this kind to do.</summary>
    public void Ring(ImportKind kind) => BellOf(kind).Release();

    /// <summary>Waits for the bell; not for ever, for another server may have added something, or have gone.</summary>
    public Task WaitAsync(ImportKind kind, TimeSpan most, CancellationToken ct) => BellOf(kind).WaitAsync(most, ct);

    /// <summary>Takes an import, until the answer is disposed of; null when somebody else has it.</summary>
    public ImportTurn? TryTake(AssetId id)
    {
        lock (_gate)
        {
            if (_taken.ContainsKey(id))
            {
                return null;
            }

            var source = new CancellationTokenSource();
            _taken[id] = source;
            return new ImportTurn(() => Leave(id), source.Token);
        }
    }

    /// <summary>Has whoever works on it stop; nothing happens when nobody does.</summary>
    public void Cancel(AssetId id)
    {
        lock (_gate)
        {
            if (_taken.TryGetValue(id, out var source))
            {
                source.Cancel();
            }
        }
    }

    /// <summary>Whether somebody works on it.</summary>
    public bool IsTaken(AssetId id)
    {
        lock (_gate)
        {
            return _taken.ContainsKey(id);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _bell.Dispose();
        _swarmBell.Dispose();
    }

    private SemaphoreSlim BellOf(ImportKind kind) => kind == ImportKind.Torrent ? _swarmBell : _bell;

    private void Leave(AssetId id)
    {
        lock (_gate)
        {
            _taken.Remove(id, out var source);
            source?.Dispose();
        }
    }
}

/// <summary>An import that was taken.</summary>
/// <param name="Leave">Gives it back.</param>
/// <param name="Cancelled">It is to be given up.</param>
internal sealed record ImportTurn(Action Leave, CancellationToken Cancelled) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Leave();
}
