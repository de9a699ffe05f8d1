namespace Sluice.Server.Ingest.Chunks;

/// <summary>Which numbered chunks of one upload are there. The disk holds the truth; this is what it held when it was last looked at, and since.</summary>
internal sealed class ChunkBoard
{
    private readonly Lock _gate = new();
    private readonly int _count;

    /// <summary>Of those that are there alone: an upload that was announced, and of which nothing comes, costs nothing.</summary>
    private readonly Dictionary<int, long> _sizes = [];
    private bool _sealed;

    /// <param name="count">How many there will be.</param>
    /// <param name="present">Those that are there, with their sizes in bytes.</param>
    public ChunkBoard(int count, IEnumerable<(int Number, long SizeBytes)> present)
    {
        _count = count;
        foreach (var (number, size) in present.Where(p => p.Number < count))
        {
            Set(number, size);
        }
    }

    /// <summary>How many are there, each counted once however often it came.</summary>
    public int Received
    {
        get
        {
            lock (_gate)
            {
                return _sizes.Count;
            }
        }
    }

    /// <summary>Their bytes together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of all chunks but this one.</summary>
    public long BytesBesides(int number)
    {
        lock (_gate)
        {
            return Bytes - _sizes.GetValueOrDefault(number);
        }
    }

    /// <summary>Puts a chunk in its place, unless no more are taken.</summary>
    /// <param name="number">Which.</param>
    /// <param name="sizeBytes">Its size.</param>
    /// <param name="place">Does it; what was there before is replaced.</param>
    /// <returns>False when no more are taken.</returns>
    public bool TryPlace(int number, long sizeBytes, Action place)
    {
        lock (_gate)
        {
            if (_sealed)
            {
                return false;
            }

            place();
            Set(number, sizeBytes);
            return true;
        }
    }

    /// <summary>Takes no more chunks from here on, if all are there.</summary>
    public bool TrySeal()
    {
        lock (_gate)
        {
            return _sealed = _sizes.Count == _count;
        }
    }

    /// <summary>Numbers of the chunks that are not there.</summary>
    public int[] MissingNumbers()
    {
        lock (_gate)
        {
            return [.. Enumerable.Range(0, _count).Where(number => !_sizes.ContainsKey(number))];
        }
    }

    private void Set(int number, long sizeBytes)
    {
        Bytes += sizeBytes - _sizes.GetValueOrDefault(number);
        _sizes[number] = sizeBytes;
    }
}
