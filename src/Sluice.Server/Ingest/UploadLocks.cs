using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest;

/// <summary>One request, or one background step, at a time works on an upload in pieces. Nobody waits: who comes second is told.</summary>
internal sealed class UploadLocks
{
    private readonly Lock _gate = new();
    private readonly HashSet<AssetId> _taken = [];

    /// <summary>Takes an upload until what is answered is disposed; null when somebody else has it.</summary>
    public IDisposable? TryTake(AssetId id)
    {
        lock (_gate)
        {
            return _taken.Add(id) ? new Taken(this, id) : null;
        }
    }

    private sealed class Taken(UploadLocks locks, AssetId id) : IDisposable
    {
        public void Dispose()
        {
            lock (locks._gate)
            {
                locks._taken.Remove(id);
            }
        }
    }
}
