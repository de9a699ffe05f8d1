using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>One who watches. Changes of the same key replace each other until they are taken.</summary>
internal sealed class ChangeListener(AssetId? only, TimeProvider clock, Action<ChangeListener> leave) : IDisposable
{
    /// <summary>Keys that wait; a listener that is slower than that many jobs loses the oldest, and sees it at its next
    /// change or when it connects again.</summary>
    private const int MostWaiting = 256;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Change> _waiting = new(StringComparer.Ordinal);
    private TaskCompletionSource _arrived = NewSignal();

    /// <summary>A change; one that is not watched is left out.</summary>
    public void Offer(Change change)
    {
        if (only is { } asset && asset != change.Asset)
        {
            return;
        }

        lock (_gate)
        {
            if (!_waiting.ContainsKey(change.Key) && _waiting.Count == MostWaiting)
            {
                _waiting.RemoveAt(0);
            }

            _waiting[change.Key] = change;
            _arrived.TrySetResult();
        }
    }

    /// <summary>Waits for changes, at most <paramref name="atMost"/>; none when there were none.</summary>
    public async Task<IReadOnlyList<Change>> TakeAsync(TimeSpan atMost, CancellationToken ct)
    {
        try
        {
            await Signal().WaitAsync(atMost, clock, ct);
        }
        catch (TimeoutException)
        {
            return [];
        }

        lock (_gate)
        {
            Change[] taken = [.. _waiting.Values];
            _waiting.Clear();
            _arrived = NewSignal();
            return taken;
        }
    }

    /// <summary>Watches no more.</summary>
    public void Dispose() => leave(this);

    private Task Signal()
    {
        lock (_gate)
        {
            return _arrived.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
