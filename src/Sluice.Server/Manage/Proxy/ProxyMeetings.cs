using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Manage.Proxy;

/// <summary>
/// Two requests that are made at the same time find each other here. So it is known whether a proxy hands bytes on as they come: one request sends some
/// and stays, the other one says that they have arrived. No clock decides, but for giving up.
/// </summary>
internal sealed class ProxyMeetings(TimeProvider clock)
{
    /// <summary>How long one waits for the other: many times what a line needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Meetings at a time; it is one person who looks.</summary>
    private const int Most = 64;

    private readonly ConcurrentDictionary<AssetId, TaskCompletionSource> _open = new();

    /// <summary>Whether the other one comes before patience ends.</summary>
    public async Task<bool> WaitAsync(AssetId meeting, CancellationToken ct)
    {
        try
        {
            await Find(meeting).Task.WaitAsync(Patience, clock, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _open.TryRemove(meeting, out _);
        }
    }

    /// <summary>The other one is here, perhaps first.</summary>
    public void Arrive(AssetId meeting) => Find(meeting).TrySetResult();

    private TaskCompletionSource Find(AssetId meeting)
    {
        if (_open.Count >= Most)
        {
            _open.Clear(); // To some of them nobody came any more.
        }

        return _open.GetOrAdd(meeting, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
