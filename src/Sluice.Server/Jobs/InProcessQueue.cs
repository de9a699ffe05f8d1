using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// Announcements within one process. An announcement wakes one waiter; when none may take it, it is remembered, once
/// for each urgency however often it was made. Whoever claims a task announces again, so that one announcement of many
/// tasks wakes as many workers as there is work for.
/// </summary>
internal sealed class InProcessQueue(TimeProvider clock) : IJobQueue
{
    private readonly Lock _gate = new();
    private readonly bool[] _announced = new bool[Enum.GetValues<Urgency>().Length];
    private readonly List<Waiter> _waiters = [];

    /// <inheritdoc />
    public void Announce(Urgency urgency)
    {
        lock (_gate)
        {
            // The choosiest of those that may take it: the others stay free for what only they take.
            var waiter = _waiters.Where(waiter => waiter.Least <= urgency).MaxBy(waiter => waiter.Least);
            if (waiter is null)
            {
                _announced[(int)urgency] = true;
                return;
            }

            _waiters.Remove(waiter);
            waiter.Woken.SetResult(urgency);
        }
    }

    /// <inheritdoc />
    public async Task WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var waiter = new Waiter(least);
        lock (_gate)
        {
            for (var urgency = _announced.Length - 1; urgency >= (int)least; urgency--)
            {
                if (_announced[urgency])
                {
                    _announced[urgency] = false;
                    return;
                }
            }

            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Woken.Task.WaitAsync(atMost, clock, ct);
        }
        catch (TimeoutException)
        {
            Leave(waiter);
        }
        catch (OperationCanceledException)
        {
            // Woken and called off at once: the announcement goes to somebody else.
            if (!Leave(waiter))
            {
                Announce(await waiter.Woken.Task);
            }

            throw;
        }
    }

    private bool Leave(Waiter waiter)
    {
        lock (_gate)
        {
            return _waiters.Remove(waiter);
        }
    }

    private sealed class Waiter(Urgency least)
    {
        public Urgency Least { get; } = least;

        public TaskCompletionSource<Urgency> Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
