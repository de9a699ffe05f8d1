namespace Sluice.Media.Remux;

/// <summary>Access units that wait, with their bytes, in one piece of memory that is used round and round. It grows when it has to;
/// in a steady state nothing is allocated.</summary>
internal sealed class UnitQueue
{
    private byte[] _bytes = [];
    private Entry[] _entries = new Entry[64];
    private int _first;
    private int _end;

    /// <summary>Units that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Their bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>The unit that has waited longest; there must be one.</summary>
    public ref readonly EsUnit Head => ref _entries[_first].Unit;

    /// <summary>Its bytes, valid until the queue is changed.</summary>
    public ReadOnlySpan<byte> HeadBytes => _bytes.AsSpan(_entries[_first].Offset, _entries[_first].Length);

    /// <summary>The unit that came last; there must be one.</summary>
    public ref readonly EsUnit Last => ref _entries[(_first + Count - 1) % _entries.Length].Unit;

    /// <summary>Appends a unit.</summary>
    public void Enqueue(in EsUnit unit, ReadOnlySpan<byte> bytes)
    {
        if (Count == _entries.Length)
        {
            var entries = new Entry[2 * Count];
            for (var i = 0; i < Count; i++)
            {
                entries[i] = _entries[(_first + i) % Count];
            }

            (_entries, _first) = (entries, 0);
        }

        var offset = Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(offset));
        _entries[(_first + Count) % _entries.Length] = new Entry { Unit = unit, Offset = offset, Length = bytes.Length };
        _end = offset + bytes.Length;
        Count++;
        Bytes += bytes.Length;
    }

    /// <summary>Takes the head away.</summary>
    public void Dequeue()
    {
        Bytes -= _entries[_first].Length;
        _first = (_first + 1) % _entries.Length;
        Count--;
        _end = Count == 0 ? 0 : _end;
    }

    /// <summary>Takes all away.</summary>
    public void Clear() => (Count, Bytes, _end) = (0, 0, 0);

    /// <summary>Room in one piece: behind the last unit, or in front of the first, or in a larger memory.</summary>
    private int Reserve(int length)
    {
        var start = Count == 0 ? 0 : _entries[_first].Offset;
        var isWrapped = Count > 0 && _end <= start;
        if (!isWrapped && _bytes.Length - _end >= length)
        {
            return _end;
        }

        if (!isWrapped && start > length)
        {
            return 0;
        }

        if (isWrapped && start - _end > length)
        {
            return _end;
        }

        Grow(length);
        return _end;
    }

    private void Grow(int length)
    {
        var bytes = new byte[Math.Max(64 * 1024, (int)Math.Min(Array.MaxLength, 2L * (Bytes + (long)length)))];
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[(_first + i) % _entries.Length];
            _bytes.AsSpan(entry.Offset, entry.Length).CopyTo(bytes.AsSpan(at));
            entry.Offset = at;
            at += entry.Length;
        }

        (_bytes, _end) = (bytes, at);
    }

    private struct Entry
    {
        public EsUnit Unit;
        public int Offset;
        public int Length;
    }
}
