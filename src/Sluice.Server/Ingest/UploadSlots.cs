using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest;

/// <summary>
/// Bounds the uploads received at once. One more is refused and not queued: a queued upload would hold a connection
/// and a client's patience without telling it anything.
/// </summary>
internal sealed class UploadSlots(SluiceOptions options)
{
    private int _taken;

    /// <summary>Takes a slot; false when all are taken.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= options.Ingest.MaxUploads)
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>Gives a taken slot back.</summary>
    public void Release() => Interlocked.Decrement(ref _taken);
}
