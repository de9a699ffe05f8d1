namespace Sluice.Server.Store.PipeKv;

/// <summary>Names under which the node has just said that it has nothing. Who asks for them again does not take the turn of who asks for what there is.</summary>
internal sealed class PipeKvMisses(TimeProvider clock)
{
    /// <summary>Names that are kept; of more, those noted last.</summary>
    private const int Most = 4096;

    /// <summary>So long it is believed: what is published now is found before anybody wonders.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, long> _notedAt = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();

    /// <summary>Whether there is nothing of this name.</summary>
    public bool Has(string name)
    {
        lock (_notedAt)
        {
            DropOld();
            return _notedAt.ContainsKey(name);
        }
    }

    /// <summary>There is nothing of this name.</summary>
    public void Note(string name)
    {
        lock (_notedAt)
        {
            DropOld();
            if (_notedAt.TryAdd(name, clock.GetTimestamp()))
            {
                _byAge.Enqueue(name);
            }
        }
    }

    private void DropOld()
    {
        while (_byAge.TryPeek(out var oldest) && (_byAge.Count > Most || clock.GetElapsedTime(_notedAt[oldest]) >= Believed))
        {
            _notedAt.Remove(_byAge.Dequeue());
        }
    }
}
