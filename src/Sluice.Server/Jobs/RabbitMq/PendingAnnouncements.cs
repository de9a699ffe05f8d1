using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>What is to be told to the broker: numbers, so that it is bounded however long nobody listens.</summary>
internal sealed class PendingAnnouncements
{
    private readonly Lock _gate = new();
    private readonly int[] _tasks = new int[Enum.GetValues<Urgency>().Length];
    private readonly bool[] _some = new bool[Enum.GetValues<Urgency>().Length];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing is to be told.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return !_arrived.Task.IsCompleted;
            }
        }
    }

    /// <summary>Adds tasks of an urgency; an unknown number when null.</summary>
    public void Add(Urgency urgency, int? tasks)
    {
        lock (_gate)
        {
            _some[(int)urgency] |= tasks is null;
            _tasks[(int)urgency] = Math.Min(BrokerQueues.MostWaiting, _tasks[(int)urgency] + (tasks ?? 0));
            _arrived.TrySetResult();
        }
    }

    /// <summary>Adds what was taken and not told.</summary>
    public void PutBack(IEnumerable<BrokerMessage> messages)
    {
        foreach (var message in messages)
        {
            Add(message.Urgency, message.MayBeMore ? null : 1);
        }
    }

    /// <summary>Waits for something, but no longer than <paramref name="atMost"/>, and takes the most urgent of what is there, at most <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<BrokerMessage>> TakeAsync(int most, TimeSpan atMost, TimeProvider clock, CancellationToken ct)
    {
        using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct))
        {
            await Task.WhenAny(Arrived(), Task.Delay(atMost, clock, waiting.Token));
            await waiting.CancelAsync();
            ct.ThrowIfCancellationRequested();
        }

        var taken = new List<BrokerMessage>();
        lock (_gate)
        {
            for (var urgency = _tasks.Length - 1; urgency >= 0; urgency--)
            {
                if (_some[urgency] && taken.Count < most)
                {
                    _some[urgency] = false;
                    taken.Add(new BrokerMessage((Urgency)urgency, MayBeMore: true));
                }

                var tasks = Math.Min(_tasks[urgency], most - taken.Count);
                _tasks[urgency] -= tasks;
                taken.AddRange(Enumerable.Repeat(new BrokerMessage((Urgency)urgency, MayBeMore: false), tasks));
            }

            if (!_some.Contains(true) && _tasks.Sum() == 0)
            {
                _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return taken;
    }

    private Task Arrived()
    {
        lock (_gate)
        {
            return _arrived.Task;
        }
    }
}
