using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Carries changes to those who watch. Nobody is waited for: a listener holds the last state of each key, and
/// a bounded number of keys.</summary>
internal sealed class ChangeFeed
{
    /// <summary>Each listener is an open connection.</summary>
    public const int MostListeners = 64;

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private ChangeListener[] _listeners = [];

    public ChangeFeed(AssetDirectory assets, TimeProvider clock)
    {
        _clock = clock;
        assets.Changed += (id, asset) =>
            Publish(asset is null ? new MediaRemoved(id) : new MediaChanged(id, asset.State, asset.Revision));
    }

    /// <summary>Listeners now.</summary>
    public int Count => Volatile.Read(ref _listeners).Length;

    /// <summary>A new listener, to be disposed of; null when there are too many.</summary>
    /// <param name="only">Changes of this asset alone; of all when null.</param>
    public ChangeListener? Listen(AssetId? only)
    {
        lock (_gate)
        {
            if (_listeners.Length >= MostListeners)
            {
                return null;
            }

            var listener = new ChangeListener(only, _clock, Leave);
            _listeners = [.. _listeners, listener];
            return listener;
        }
    }

    /// <summary>Tells everyone who watches this asset or all; never blocks.</summary>
    public void Publish(Change change)
    {
        foreach (var listener in Volatile.Read(ref _listeners))
        {
            listener.Offer(change);
        }
    }

    private void Leave(ChangeListener listener)
    {
        lock (_gate)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
        }
    }
}
