using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Where workers of this process wait. An announcement wakes one of them; when none may take it, it is kept for the next.</summary>
internal sealed class WaitingRoom(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<(Urgency Urgency, Announcement Announcement)> _kept = [];
    private readonly List<Waiter> _waiters = [];

    /// <summary>Tells one who waits, or whoever comes next.</summary>
    /// <param name="urgency">Of the work.</param>
    /// <param name="announcement">What they are told.</param>
    /// <param name="onlyOne">Forget it when the same is kept already.</param>
    public void Offer(Urgency urgency, Announcement announcement, bool onlyOne = false)
    {
        lock (_gate)
        {
            // The choosiest of those that may take it: the others stay free for what only they take.
            var waiter = _waiters.Where(waiter => waiter.Least <= urgency).MaxBy(waiter => waiter.Least);
            if (waiter is not null)
            {
                _waiters.Remove(waiter);
                waiter.Woken.SetResult((urgency, announcement));
            }
            else if (!onlyOne || !_kept.Contains((urgency, announcement)))
            {
                _kept.Add((urgency, announcement));
            }
        }
    }

    /// <summary>The most urgent announcement at or above <paramref name="least"/>, as soon as there is one; null when there is none
    /// for <paramref name="atMost"/>, or when all are woken.</summary>
    public async Task<Announcement?> WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var waiter = new Waiter(least);
        lock (_gate)
        {
            if (_kept.Where(kept => kept.Urgency >= least).OrderByDescending(kept => kept.Urgency).FirstOrDefault() is { Announcement: not null } first)
            {
                _kept.Remove(first);
                return first.Announcement;
            }

            if (atMost <= TimeSpan.Zero)
            {
                return null;
            }

            _waiters.Add(waiter);
        }

        try
        {
            return (await waiter.Woken.Task.WaitAsync(atMost, clock, ct)).Announcement;
        }
        catch (TimeoutException)
        {
            return Leave(waiter) ? null : (await waiter.Woken.Task).Announcement;
        }
        catch (OperationCanceledException)
        {
            // Woken and called off at once: the announcement goes to somebody else.
            if (!Leave(waiter) && await waiter.Woken.Task is { Announcement: { } announcement } told)
            {
                Offer(told.Urgency, announcement);
            }

            throw;
        }
    }

    /// <summary>Ends every wait, without an announcement.</summary>
    public void WakeAll()
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters)
            {
                waiter.Woken.SetResult((Urgency.Background, null));
            }

            _waiters.Clear();
        }
    }

    /// <summary>Takes out what is kept and nobody was told of.</summary>
    public IReadOnlyList<Announcement> Clear()
    {
        lock (_gate)
        {
            Announcement[] all = [.. _kept.Select(kept => kept.Announcement)];
            _kept.Clear();
            return all;
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

        public TaskCompletionSource<(Urgency Urgency, Announcement? Announcement)> Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
