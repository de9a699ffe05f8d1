namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// An object of another server, read where it lies. What is read is kept for a while, in blocks.
/// <code>
///   read ──▶ is its block here? ── yes ──▶ bytes
///              │ no
///              ▼
///            is it on its way? ── no ──▶ one request for it and, where somebody reads on and on, for what follows (<see cref="BlockFetcher"/>)
///              └──── wait ◀──────────────┘
/// </code>
/// Any number of readers are one request per block. Nothing is fetched that nobody reads, but for as much ahead as was read in one go directly
/// before, 4 MiB at most; and what all who waited for it have given up (a viewer who seeks again) ends with its block, or before it begins
/// (<see cref="BlockRun"/>). The file is the one that it was at the beginning, or reading fails: bytes of two states are never mixed. Safe for
/// concurrent reads.
/// </summary>
internal sealed class BlockFile : IAsyncDisposable
{
    /// <summary>Blocks of one request that nobody asked for by name.</summary>
    private const int MostAhead = 16;

    /// <summary>Blocks that are fetched together when somebody knows that they are wanted: 64 MiB, a long segment of a large picture.</summary>
    private const int MostTogether = 256;

    private readonly Lock _gate = new();
    private readonly ComingBlocks _coming = new();
    private readonly HashSet<Task> _fetches = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockCache _cache;
    private readonly BlockFetcher _fetcher;
    private readonly long _firstKey;
    private RemoteFileException? _fault;

    /// <param name="fetcher">Fetches from it.</param>
    /// <param name="cache">Keeps what was fetched.</param>
    /// <param name="firstKey">Its first block is kept under this number; those of other objects are below, or behind its last.</param>
    public BlockFile(BlockFetcher fetcher, BlockCache cache, long firstKey) => (_fetcher, _cache, _firstKey) = (fetcher, cache, firstKey);

    /// <summary>One request is for all of it, if it is no larger than so many bytes: it is read in all places at once.</summary>
    public long WholeBytes { get; init; }

    /// <summary>Size in bytes.</summary>
    public long Length => _fetcher.Length;

    /// <summary>Why it is of no use any more; null while it is.</summary>
    public string? Fault => Volatile.Read(ref _fault)?.Message;

    /// <summary>Reads up to <paramref name="destination"/>'s length at <paramref name="offset"/>; 0 at the end.</summary>
    /// <exception cref="RemoteFileException">The bytes cannot be had.</exception>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        if (offset < 0 || offset >= Length || destination.IsEmpty)
        {
            return 0;
        }

        var block = offset / BlockFetcher.BlockBytes;
        while (true)
        {
            if (TryRead(block, (int)(offset % BlockFetcher.BlockBytes), destination.Span) is > 0 and var count)
            {
                return count;
            }

            try
            {
                await WaitAsync(block, ct);
            }
            catch (RemoteFileException e)
            {
                throw e.Again();
            }
        }
    }

    /// <summary>Has all from <paramref name="from"/> up to <paramref name="end"/> fetched that is not here, by one request, and waits for the first of it. The
    /// rest comes behind.</summary>
    /// <exception cref="RemoteFileException">The first bytes cannot be had.</exception>
    public async ValueTask PrepareAsync(long from, long end, CancellationToken ct)
    {
        if (from < 0 || from >= Math.Min(end, Length))
        {
            return;
        }

        if (Start(from / BlockFetcher.BlockBytes, (Math.Min(end, Length) - 1) / BlockFetcher.BlockBytes) is not { } first)
        {
            return;
        }

        try
        {
            await WaitAsync(first, ct);
        }
        catch (RemoteFileException e)
        {
            throw e.Again();
        }
    }

    /// <summary>Asks the other server for nothing more; whoever still reads is told that it is over. Fetcher and cache stay their owner's.</summary>
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

    private int TryRead(long block, int within, Span<byte> destination)
    {
        try
        {
            return _cache.Read(_firstKey + block, within, destination);
        }
        catch (ObjectDisposedException e)
        {
            throw new RemoteFileException(RemoteFileException.Ended, e);
        }
    }

    /// <summary>Done when the block is here, or was.</summary>
    private async Task WaitAsync(long block, CancellationToken ct)
    {
        if (Coming(block) is not (var run, var came))
        {
            return;
        }

        try
        {
            await came.WaitAsync(ct);
        }
        finally
        {
            lock (_gate)
            {
                run.Leave(gaveUp: !came.IsCompleted);
            }
        }
    }

    /// <summary>The run that brings a block, with one more who waits; null when the block is here.</summary>
    private (BlockRun Run, Task Came)? Coming(long block)
    {
        lock (_gate)
        {
            if (_fault is { } fault)
            {
                throw fault.Again();
            }

            if (!_coming.Has(block))
            {
                if (Has(block))
                {
                    return null;
                }

                var (first, end) = RunAt(block);
                Begin(first, end);
            }

            return _coming.Join(block);
        }
    }

    /// <summary>Begins to fetch what is missing of these blocks, in one run, and answers the first that is not here; null when all are.</summary>
    private long? Start(long first, long last)
    {
        lock (_gate)
        {
            while (first <= last && Has(first))
            {
                first++;
            }

            var (from, end) = (first, Math.Min(last + 1, first + MostTogether));
            while (from < end && IsKnown(from))
            {
                from++;
            }

            while (from < end && IsKnown(end - 1))
            {
                end--;
            }

            if (from < end && _fault is null)
            {
                Begin(from, end);
            }

            return first <= last ? first : null;
        }
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

    /// <summary>Blocks that one request is for: as many as are here directly before, for who reads on and on wants more; all that are missing around it of what
    /// is fetched whole.</summary>
    private (long First, long End) RunAt(long block)
    {
        var isWhole = Length <= WholeBytes;
        var before = 1;
        while (!isWhole && before < MostAhead && Has(block - before))
        {
            before++;
        }

        var blocks = (Length + BlockFetcher.BlockBytes - 1) / BlockFetcher.BlockBytes;
        var (first, end, most) = (block, block + 1, isWhole ? blocks : Math.Min(blocks, block + before));
        while (isWhole && first > 0 && !IsKnown(first - 1))
        {
            first--;
        }

        while (end < most && !IsKnown(end))
        {
            end++;
        }

        return (first, end);
    }

    private bool Has(long block) => block >= 0 && _cache.Has(_firstKey + block);

    private bool IsKnown(long block) => _coming.Has(block) || Has(block);

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
