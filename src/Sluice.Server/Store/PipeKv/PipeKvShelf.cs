namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// The entries that are kept: one for each name, those used last, within a bound of bytes. Whoever takes one gives it back; one that nobody waits for any
/// more before it is whole is given up.
/// </summary>
/// <param name="mostBytes">Of all entries.</param>
/// <param name="clock">For their age.</param>
internal sealed class PipeKvShelf(long mostBytes, TimeProvider clock)
{
    /// <summary>Entries, each of which has a file open.</summary>
    private const int MostEntries = 512;

    /// <summary>Players take a playlist anew after so long (its <c>max-age</c>).</summary>
    private static readonly TimeSpan FreshPlaylist = TimeSpan.FromSeconds(5);

    /// <summary>Segments have names of their own, and nobody replaces them but by mistake.</summary>
    private static readonly TimeSpan FreshSegment = TimeSpan.FromHours(1);

    /// <summary>What is kept is shown for so long against what the node says now. Caches between here and there are not expected to lag behind for longer.</summary>
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PipeKvEntry> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<PipeKvEntry> _byUse = new();
    private long _taken;

    /// <summary>Bytes that entries have or may get.</summary>
    public long TakenBytes
    {
        get
        {
            lock (_gate)
            {
                return _taken;
            }
        }
    }

    /// <summary>The entry of a name, kept or on its way; a new one when there is none that is fresh.</summary>
    /// <param name="name">The name.</param>
    /// <param name="make">Makes one.</param>
    /// <param name="isNew">It is to be fetched.</param>
    public PipeKvEntry Take(string name, Func<PipeKvEntry> make, out bool isNew)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(name, out var known) && (!known.IsWhole || IsFresh(known)))
            {
                isNew = false;
                known.Leases++;
                Touch(known);
                return known;
            }

            isNew = true;
            var entry = make();
            (entry.Leases, entry.IsFetching) = (1, true);
            entry.Before = known;
            _entries[name] = entry;
            if (known is not null)
            {
                known.Leases++;
                Unlist(known);
            }

            Touch(entry);
            return entry;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Return(PipeKvEntry entry)
    {
        lock (_gate)
        {
            if (--entry.Leases == 0 && entry.IsFetching && !entry.HasAll)
            {
                Forget(entry, isStale: false);
                _ = entry.Stop.CancelAsync();
            }

            DropIfUseless(entry);
        }
    }

    /// <summary>Makes room for what an entry is going to be.</summary>
    /// <returns>False when what is kept is being read, or it is too large; nothing goes for it then.</returns>
    public bool TryReserve(PipeKvEntry entry, long bytes)
    {
        lock (_gate)
        {
            if (_taken - _byUse.Sum(FreedBytes) + bytes > mostBytes)
            {
                return false;
            }

            for (var node = _byUse.Last; node is not null && (_taken + bytes > mostBytes || _entries.Count > MostEntries);)
            {
                var oldest = node.Value;
                node = node.Previous;
                if (MayGo(oldest))
                {
                    Forget(oldest, isStale: false);
                    DropIfUseless(oldest);
                }
            }

            entry.ReservedBytes += bytes;
            _taken += bytes;
            return true;
        }
    }

    /// <summary>It is whole: fresh from now on, with no more room than it needs.</summary>
    public void Keep(PipeKvEntry entry)
    {
        lock (_gate)
        {
            entry.CameAt = clock.GetTimestamp();
            _taken += entry.ReceivedBytes - entry.ReservedBytes;
            entry.ReservedBytes = entry.ReceivedBytes;
            entry.Finish();
        }
    }

    /// <summary>It will not be whole. What was kept of that name before stays known; when the node has contradicted that, it counts as fresh again, for now.</summary>
    public void GiveUp(PipeKvEntry entry, bool isStale)
    {
        lock (_gate)
        {
            Forget(entry, isStale);
        }
    }

    /// <summary>Nothing more is done to it.</summary>
    public void EndFetch(PipeKvEntry entry)
    {
        lock (_gate)
        {
            entry.IsFetching = false;
            DropIfUseless(entry);
            LeaveBefore(entry);
        }
    }

    /// <summary>Whether what is known of an entry is older than what was kept of that name.</summary>
    public static bool IsOlderThanBefore(PipeKvEntry entry, PipeKvFacts facts) =>
        entry.Before?.Facts is { IsCompletedSuccessfully: true, Result: { } before } && facts.IsOlderThan(before);

    /// <summary>Whether what an entry is to replace has been contradicted for so long that the node is to be believed.</summary>
    public bool IsDoubtedLong(PipeKvEntry entry)
    {
        lock (_gate)
        {
            return entry.Before?.DoubtedAt is { } since && clock.GetElapsedTime(since) >= LongestDoubt;
        }
    }

    /// <summary>What was kept of its name does not count any more.</summary>
    public void ForgetBefore(PipeKvEntry entry)
    {
        lock (_gate)
        {
            LeaveBefore(entry);
        }
    }

    private bool IsFresh(PipeKvEntry entry) => clock.GetElapsedTime(entry.CameAt)
        < (entry.Name.EndsWith(".ts", StringComparison.Ordinal) && entry.DoubtedAt is null ? FreshSegment : FreshPlaylist);

    private void Touch(PipeKvEntry entry)
    {
        Unlist(entry);
        entry.Place = _byUse.AddFirst(entry);
    }

    private void Unlist(PipeKvEntry entry)
    {
        if (entry.Place is { } place)
        {
            _byUse.Remove(place);
            entry.Place = null;
        }
    }

    /// <summary>Takes it from the shelf, where the one that it was to replace comes back.</summary>
    private void Forget(PipeKvEntry entry, bool isStale)
    {
        Unlist(entry);
        if (!_entries.TryGetValue(entry.Name, out var kept) || kept != entry)
        {
            return;
        }

        _entries.Remove(entry.Name);
        if (entry.Before is { } before)
        {
            _entries[entry.Name] = before;
            Touch(before);
            if (isStale)
            {
                before.CameAt = clock.GetTimestamp();
                before.DoubtedAt ??= before.CameAt;
            }
        }
    }

    private void LeaveBefore(PipeKvEntry entry)
    {
        if (entry.Before is { } before)
        {
            entry.Before = null;
            before.Leases--;
            DropIfUseless(before);
        }
    }

    private static bool IsUnused(PipeKvEntry entry) => entry is { Leases: 0, IsFetching: false };

    /// <summary>The list stays: without it nobody could tell that a node which says to have none is wrong.</summary>
    private static bool MayGo(PipeKvEntry entry) => IsUnused(entry) && entry.Name != PublishedName.Index;

    private static long FreedBytes(PipeKvEntry entry) => MayGo(entry) ? entry.ReservedBytes : 0;

    private void DropIfUseless(PipeKvEntry entry)
    {
        if (IsUnused(entry) && entry.Place is null)
        {
            _taken -= entry.ReservedBytes;
            entry.ReservedBytes = 0;
            entry.Dispose();
        }
    }
}
