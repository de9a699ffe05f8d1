namespace Sluice.Server.Processes;

/// <summary>
/// Has the processes that nobody waits for stand still while somebody waits for another. A low priority alone does not do that: some
/// systems (Linux' autogroups) share the processor between groups of processes, whatever the priority within them is.
/// </summary>
internal sealed class RightOfWay
{
    private readonly Lock _gate = new();
    private readonly HashSet<ChildProcess> _yielding = [];
    private int _taken;

    /// <summary>Takes the way until disposed of.</summary>
    public IDisposable Take()
    {
        lock (_gate)
        {
            if (++_taken == 1)
            {
                foreach (var child in _yielding)
                {
                    child.Pause();
                }
            }
        }

        return new Turn(Leave);
    }

    /// <summary>Has a process give way until disposed of. Dispose of this before the process, which then need not stand still.</summary>
    public IDisposable Yield(ChildProcess child)
    {
        lock (_gate)
        {
            _yielding.Add(child);
            if (_taken > 0)
            {
                child.Pause();
            }
        }

        return new Turn(() => Forget(child));
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_taken == 0)
            {
                foreach (var child in _yielding)
                {
                    child.Resume();
                }
            }
        }
    }

    private void Forget(ChildProcess child)
    {
        lock (_gate)
        {
            _yielding.Remove(child);
        }
    }

    private sealed class Turn(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
