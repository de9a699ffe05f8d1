using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Which imports this process works on, and a bell for who waits for more.</summary>
internal sealed class ImportTurns : IDisposable
{
    private readonly SemaphoreSlim _bell = new(0);
    private readonly Lock _gate = new();
    private readonly Dictionary<AssetId, CancellationTokenSource> _taken = [];

    /// <summary>There may be something to do.</summary>
    public void Ring() => _bell.Release();

    /// <summary>Waits for the bell.</summary>
    public Task WaitAsync(CancellationToken ct) => _bell.WaitAsync(ct);

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
    public void Dispose() => _bell.Dispose();

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
