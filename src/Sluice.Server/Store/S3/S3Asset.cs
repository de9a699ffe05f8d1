namespace Sluice.Server.Store.S3;

/// <summary>
/// What is known of one asset's objects, so that to open one costs no request. It is listed when somebody asks first; from then on what this server does to it is
/// noted. That something is not there is believed for some seconds only: a bucket may be slow to list what it has. Where several servers share the bucket, it is
/// listed anew when the catalog tells of a later state, and each chunk is asked for by its name.
/// </summary>
/// <param name="list">Lists what the bucket has: its objects, with their names here, and whether the asset is visible.</param>
/// <param name="clock">For the doubt.</param>
/// <param name="find">Asks for one object; null where no other server makes any.</param>
internal sealed class S3Asset(
    Func<bool, CancellationToken, Task<S3Found>> list, TimeProvider clock, Func<ObjectKey, CancellationToken, Task<S3Object?>>? find = null) : IDisposable
{
    /// <summary>Lists of which something was removed meanwhile say little; after so many it is answered with what is known.</summary>
    private const int MostLists = 2;

    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly S3Contents _contents = new();
    private readonly long?[] _listedAt = new long?[2];
    private bool _isCommitted;
    private bool _isForgotten;
    private bool _isDoubted;
    private int _revision = -1;
    private int _removals;

    /// <summary>It was removed here; what it still has goes when nobody reads it any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether objects of it are still read that are to go.</summary>
    public bool HasDoomed
    {
        get
        {
            lock (_gate)
            {
                return _contents.HasDoomed;
            }
        }
    }

    /// <summary>Whether it is visible.</summary>
    public async ValueTask<bool> IsCommittedAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (IsGone || _isCommitted)
            {
                return _isCommitted;
            }
        }

        await ListAsync(areChunks: false, ct);
        lock (_gate)
        {
            return _isCommitted;
        }
    }

    /// <summary>It is not asked any more: what happens from here on to these objects, another one is told.</summary>
    public bool IsForgotten => Volatile.Read(ref _isForgotten);

    /// <summary>Another server may have changed it: it is listed anew when somebody asks next.</summary>
    /// <param name="revision">What the catalog tells of is of this revision, later than that of which it was told last; null: whatever it was.</param>
    public void Doubt(int? revision)
    {
        lock (_gate)
        {
            if (revision is null || revision > _revision)
            {
                (_revision, _isDoubted, _listedAt[Kind(areChunks: false)]) = (revision ?? _revision, true, null);
                IsGone &= revision is null; // Of a revision there is a row: it is there again.
            }
        }
    }

    /// <summary>One at a time puts or removes an object of a name.</summary>
    public NamedTurns Writing { get; } = new();

    /// <summary>Forgets it, unless somebody reads or writes an object of it, or one is still to go.</summary>
    public bool TryForget()
    {
        lock (_gate)
        {
            return _isForgotten |= !_contents.IsInUse && !Writing.IsTaken;
        }
    }

    /// <summary>Opens the object of that name; null when there is none, or the asset is forgotten.</summary>
    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct)
    {
        while (await FindAsync(key, ct) is { } found)
        {
            lock (_gate)
            {
                if (_isForgotten)
                {
                    return null;
                }

                if (_contents.Find(key.Name) == found)
                {
                    return found.Open(); // Whoever removes it from here on waits for this reader.
                }
            }
        }

        return null;
    }

    /// <summary>The object of that name; null when there is none.</summary>
    public async ValueTask<S3Object?> FindAsync(ObjectKey key, CancellationToken ct)
    {
        if (!(Volatile.Read(ref _isDoubted) && !key.IsChunk) && TryFind(key) is { } known)
        {
            return known;
        }

        if (key.IsChunk && find is not null)
        {
            return await AskAsync(key, find, ct);
        }

        // Chunks are of no asset that is not visible, and only they are asked for so often that this would be worth a request.
        if (!key.IsChunk && !await IsCommittedAsync(ct))
        {
            return null;
        }

        await ListAsync(key.IsChunk, ct);
        return TryFind(key);
    }

    /// <summary>It is visible, with these objects.</summary>
    public void Committed(IEnumerable<KeyValuePair<string, S3Object>> objects)
    {
        lock (_gate)
        {
            _contents.Replace(objects);
            (_isCommitted, IsGone, _removals) = (true, false, _removals + 1);
        }
    }

    /// <summary>An object was put there.</summary>
    /// <returns>False when the asset was removed meanwhile.</returns>
    public bool TryAdd(string name, S3Object added)
    {
        lock (_gate)
        {
            if (!IsGone)
            {
                _contents.Put(name, added);
            }

            return !IsGone;
        }
    }

    /// <summary>An object is to go: nobody finds it any more.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="whenFree">Called when nobody reads it, which may be now.</param>
    public void Doom(string name, Action whenFree)
    {
        S3Object? known;
        lock (_gate)
        {
            _removals++;
            known = _contents.Doom(name);
        }

        if (known is null)
        {
            whenFree();
        }
        else
        {
            known.WhenFree(whenFree);
        }
    }

    /// <summary>Whether an object is still to go, and not there again.</summary>
    public bool IsDoomed(string name)
    {
        lock (_gate)
        {
            return _contents.IsDoomed(name);
        }
    }

    /// <summary>An object has gone.</summary>
    public void Removed(string name)
    {
        lock (_gate)
        {
            _removals++;
            _contents.Removed(name);
        }
    }

    /// <summary>Nobody finds anything of it any more.</summary>
    public void Gone()
    {
        lock (_gate)
        {
            (_isCommitted, IsGone, _removals) = (false, true, _removals + 1);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private S3Object? TryFind(ObjectKey key)
    {
        lock (_gate)
        {
            if (IsGone || _contents.Find(key.Name) is not { } known)
            {
                return null;
            }

            if (known.IsLost)
            {
                _contents.Forget(key.Name);
                _listedAt[Kind(key.IsChunk)] = null; // What there is now, the bucket knows.
                return null;
            }

            return known;
        }
    }

    private async Task<S3Object?> AskAsync(ObjectKey key, Func<ObjectKey, CancellationToken, Task<S3Object?>> ask, CancellationToken ct)
    {
        if (await ask(key, ct) is { } there)
        {
            lock (_gate)
            {
                _contents.Found(key.Name, there);
            }
        }

        return TryFind(key);
    }

    private static int Kind(bool areChunks) => areChunks ? 1 : 0;

    private async Task ListAsync(bool areChunks, CancellationToken ct)
    {
        var kind = Kind(areChunks);
        await _turn.WaitAsync(ct);
        try
        {
            for (var lists = 0; lists < MostLists; lists++)
            {
                int before;
                lock (_gate)
                {
                    if (IsGone || (_listedAt[kind] is { } at && clock.GetElapsedTime(at) < Believed))
                    {
                        return;
                    }

                    before = _removals;
                }

                Note(await list(areChunks, ct), areChunks, before);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes note of what was found, unless something was removed meanwhile that it may still show. What was put there meanwhile is known better.</summary>
    private void Note(S3Found found, bool areChunks, int before)
    {
        lock (_gate)
        {
            if (_removals != before)
            {
                return;
            }

            _isCommitted |= !areChunks && found.IsCommitted;
            foreach (var (name, one) in found.Objects)
            {
                if (_isDoubted && !areChunks)
                {
                    _contents.FoundAnew(name, one);
                }
                else
                {
                    _contents.Found(name, one);
                }
            }

            _isDoubted &= areChunks;
            _listedAt[Kind(areChunks)] = clock.GetTimestamp();
        }
    }
}
