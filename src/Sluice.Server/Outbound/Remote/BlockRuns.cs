namespace Sluice.Server.Outbound.Remote;

/// <summary>The runs that bring blocks of one object into the cache, and who waits for them. Safe for concurrent use.</summary>
internal sealed class BlockRuns : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ComingBlocks _coming = new();
    private readonly HashSet<Task> _fetches = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockCache _cache;
    private readonly BlockFetcher _fetcher;
    private readonly BlockReach _reach;
    private readonly long _firstKey;
    private RemoteFileException? _fault;

    /// <param name="fetcher">Fetches from it.</param>
    /// <param name="cache">Keeps what was fetched.</param>
    /// <param name="firstKey">Its first block is kept under this number.</param>
    /// <param name="wholeBytes">One request is for all of it, if it is no larger than so many bytes.</param>
    public BlockRuns(BlockFetcher fetcher, BlockCache cache, long firstKey, long wholeBytes)
    {
        (_fetcher, _cache, _firstKey) = (fetcher, cache, firstKey);
        var blocks = (fetcher.Length + BlockFetcher.BlockBytes - 1) / BlockFetcher.BlockBytes;
        _reach = new BlockReach(blocks, fetcher.Length <= wholeBytes, IsHere, IsKnown);
    }

    /// <summary>Why the object is of no use any more; null while it is.</summary>
    public string? Fault => Volatile.Read(ref _fault)?.Message;

    /// <summary>The run that brings a block, which begins if there is none, with one more who waits; null when the block is here. Followed by <see cref="Leave"/>.</summary>
    /// <exception cref="RemoteFileException">The object is of no use any more.</exception>
    public (BlockRun Run, Task Came)? Join(long block)
    {
        lock (_gate)
        {
            if (_fault is { } fault)
            {
                throw fault.Again();
            }

            if (!_coming.Has(block))
            {
                if (IsHere(block))
                {
                    return null;
                }

                var (first, end) = _reach.Of(block);
                Begin(first, end);
            }

            return _coming.Join(block);
        }
    }

    /// <summary>Somebody does not wait for a run any more.</summary>
    /// <param name="run">Which.</param>
    /// <param name="gaveUp">His block has not come.</param>
    public void Leave(BlockRun run, bool gaveUp)
    {
        lock (_gate)
        {
            run.Leave(gaveUp);
        }
    }

    /// <summary>Begins to fetch what is missing of these blocks, in one run, and answers the first that is not here; null when all are.</summary>
    public long? Start(long first, long last)
    {
        lock (_gate)
        {
            while (first <= last && IsHere(first))
            {
                first++;
            }

            var (from, end) = _reach.Of(first, last);
            if (from < end && _fault is null)
            {
                Begin(from, end);
            }

            return first <= last ? first : null;
        }
    }

    /// <summary>Asks the other server for nothing more; whoever waits is told that it is over.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] fetches;
        lock (_gate)
        {
            _fault ??= new RemoteFileException(RemoteFileException.Ended);
            fetches = [.. _fetches];
        }

        await _stop.CancelAsync();
        await Task.WhenAll(fetches);
        _stop.Dispose();
    }

    /// <summary>Begins a run. What others bring of it, or is here, comes a second time: less than two requests cost.</summary>
    private void Begin(long first, long end)
    {
        var run = new BlockRun();
        for (var next = first; next < end; next++)
        {
            if (!IsKnown(next))
            {
                _coming.Expect(next, run);
            }
        }

        var fetch = RunAsync(run, first, end);
        if (!fetch.IsCompleted)
        {
            _fetches.Add(fetch);
            _ = fetch.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private void Forget(Task fetch)
    {
        lock (_gate)
        {
            _fetches.Remove(fetch);
        }
    }

    private bool IsHere(long block) => block >= 0 && _cache.Has(_firstKey + block);

    private bool IsKnown(long block) => _coming.Has(block) || IsHere(block);

    private async Task RunAsync(BlockRun run, long first, long end)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever starts it holds the gate.
        var next = first;
        RemoteFileException? problem = null;
        try
        {
            await _fetcher.RunAsync(
                first, end,
                (block, bytes) =>
                {
                    _cache.Put(_firstKey + block, bytes);
                    Arrived(block);
                    next = block + 1;
                },
                block => GoesOn(run, block, end),
                _stop.Token);
        }
        catch (RemoteFileException e)
        {
            problem = e;
        }
        catch (Exception e) when (_stop.IsCancellationRequested)
        {
            problem = new RemoteFileException(RemoteFileException.Ended, e);
        }
        catch (Exception e)
        {
            // The scratch folder's disk is full, say. Whatever it is, who waits is told.
            problem = new RemoteFileException("This server could not keep what the other one sent.", e) { MayPass = true };
        }

        if (problem is not null)
        {
            Failed(run, next, end, problem);
        }
    }

    /// <summary>Whether anybody wants what a run has yet to bring; when not, whoever comes now begins another.</summary>
    private bool GoesOn(BlockRun run, long next, long end)
    {
        lock (_gate)
        {
            if (run.IsForNobody && !run.IsOver)
            {
                run.IsOver = true;
                _coming.Take(run, next, end);
            }

            return !run.IsOver;
        }
    }

    private void Arrived(long block)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _coming.Take(block);
        }

        waiting?.SetResult();
    }

    private void Failed(BlockRun run, long next, long end, RemoteFileException problem)
    {
        IReadOnlyList<TaskCompletionSource> waiting;
        lock (_gate)
        {
            if (!problem.MayPass)
            {
                _fault ??= problem;
            }

            waiting = _coming.Take(run, next, end);
        }

        foreach (var one in waiting)
        {
            one.SetException(problem);
            _ = one.Task.Exception; // Nobody may have waited for it.
        }
    }
}
