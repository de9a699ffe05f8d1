namespace Sluice.Server.Publishing;

/// <summary>Locks by name, of which there are a fixed number: two names may share one and wait for each other without need.</summary>
internal sealed class StripedLocks
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for the lock of a name, and holds it until the answer is disposed.</summary>
    public async ValueTask<IDisposable> EnterAsync(string name, CancellationToken ct)
    {
        var held = _locks[(uint)StringComparer.Ordinal.GetHashCode(name) % (uint)_locks.Length];
        await held.WaitAsync(ct);
        return new Exit(held);
    }

    private sealed class Exit(SemaphoreSlim held) : IDisposable
    {
        public void Dispose() => held.Release();
    }
}
