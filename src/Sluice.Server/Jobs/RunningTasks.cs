using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>The attempts that run in this process, so that pausing, cancelling and removal stop them at once. In other
/// processes they stop at their next renewal.</summary>
internal sealed class RunningTasks
{
    private readonly ConcurrentDictionary<long, TaskAttempt> _byFence = new();

    public RunningTasks(AssetDirectory assets) => assets.Changed += (id, asset) =>
    {
        if (asset is null)
        {
            Stop(attempt => attempt.Task.Asset == id);
        }
    };

    /// <summary>Attempts that run now.</summary>
    public int Count => _byFence.Count;

    /// <summary>Begins an attempt; it ends when it is disposed of.</summary>
    /// <param name="task">As claimed.</param>
    /// <param name="stop">Stops it too.</param>
    public TaskAttempt Begin(WorkTask task, CancellationToken stop)
    {
        var attempt = new TaskAttempt(task, ended => _byFence.TryRemove(ended.Task.Fence, out _), stop);
        _byFence[task.Fence] = attempt;
        return attempt;
    }

    /// <summary>Completes when no attempt for an asset runs any more: it was removed, so that none begins.</summary>
    public Task EndAsync(AssetId asset) => Task.WhenAll(_byFence.Values.Where(attempt => attempt.Task.Asset == asset).Select(attempt => attempt.Ended));

    /// <summary>Stops every attempt at a job.</summary>
    public void Stop(string jobId) => Stop(attempt => string.Equals(attempt.Task.JobId, jobId, StringComparison.Ordinal));

    private void Stop(Func<TaskAttempt, bool> which)
    {
        foreach (var attempt in _byFence.Values.Where(which))
        {
            attempt.Stop();
        }
    }
}

/// <summary>One attempt at a task, from claim to end.</summary>
internal sealed class TaskAttempt(WorkTask task, Action<TaskAttempt> ended, CancellationToken stop) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>As claimed.</summary>
    public WorkTask Task => task;

    /// <summary>Ends with the attempt's right to go on.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Completes when it has come to its end.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends it.</summary>
    public void Stop()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came to its own end in this very moment.
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ended(this);
        _source.Dispose();
        _ended.TrySetResult();
    }
}
