namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// A file on another server, read where it lies. What is read is kept for a while, in blocks.
/// <code>
///   read ──▶ is its block here? ── yes ──▶ bytes
///              │ no
///              ▼
///            is it on its way? ── no ──▶ one request for it and, where somebody reads on and on, for what follows (<see cref="BlockFetch"/>)
///              └──── wait ◀──────────────┘
/// </code>
/// Any number of readers are one request per block. Nothing is fetched that nobody reads, but for as much ahead as was read in one go directly
/// before, 4 MiB at most; and what all who waited for it have given up (a viewer who seeks again) ends with its block, or before it begins
/// (<see cref="BlockRun"/>). The file is the one that it was at the beginning, or reading fails: bytes of two states are never mixed. Safe for
/// concurrent reads.
/// </summary>
internal sealed class RemoteFile : IAsyncDisposable
{
    /// <summary>Bytes that are fetched and kept together.</summary>
    public const int BlockBytes = 256 * 1024;

    /// <summary>Blocks of one request.</summary>
    private const int MostAhead = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, (BlockRun Run, TaskCompletionSource Came)> _coming = [];
    private readonly HashSet<Task> _fetches = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockCache _cache;
    private readonly BlockFetch _fetch;
    private RemoteFileException? _fault;

    /// <param name="fetch">Fetches from it; owned from now on.</param>
    /// <param name="cache">Keeps what was fetched; owned from now on.</param>
    /// <param name="head">Its first block.</param>
    public RemoteFile(BlockFetch fetch, BlockCache cache, ReadOnlySpan<byte> head)
    {
        (_fetch, _cache) = (fetch, cache);
        cache.Put(0, head);
    }

    /// <summary>What is known of it.</summary>
    public RemoteFileFacts Facts => _fetch.Facts;

    /// <summary>Size in bytes.</summary>
    public long Length => Facts.Length;

    /// <summary>Bytes that the other server has sent.</summary>
    public long FetchedBytes => _fetch.Bytes;

    /// <summary>Requests that the other server was sent.</summary>
    public long Requests => _fetch.Requests;

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

        var block = offset / BlockBytes;
        while (true)
        {
            if (TryRead(block, (int)(offset % BlockBytes), destination.Span) is > 0 and var count)
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

    /// <summary>Asks the other server for nothing more; whoever still reads is told that it is over.</summary>
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
        _cache.Dispose();
        _fetch.Dispose();
        _stop.Dispose();
    }

    private int TryRead(long block, int within, Span<byte> destination)
    {
        try
        {
            return _cache.Read(block, within, destination);
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

            if (_coming.TryGetValue(block, out var known))
            {
                known.Run.Join();
                return (known.Run, known.Came.Task);
            }

            if (_cache.Has(block))
            {
                return null;
            }

            var run = new BlockRun();
            run.Join();
            var end = block + RunLength(block);
            for (var next = block; next < end; next++)
            {
                _coming[next] = (run, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            var fetch = RunAsync(run, block, end);
            if (!fetch.IsCompleted)
            {
                _fetches.Add(fetch);
                _ = fetch.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            return (run, _coming[block].Came.Task);
        }
    }

    private void Forget(Task fetch)
    {
        lock (_gate)
        {
            _fetches.Remove(fetch);
        }
    }

    /// <summary>Blocks that one request is for: as many as are here directly before, for who reads on and on wants more.</summary>
    private long RunLength(long block)
    {
        var before = 1;
        while (before < MostAhead && _cache.Has(block - before))
        {
            before++;
        }

        var length = 1L;
        var blocks = (Length + BlockBytes - 1) / BlockBytes;
        while (length < before && block + length < blocks && !_coming.ContainsKey(block + length) && !_cache.Has(block + length))
        {
            length++;
        }

        return length;
    }

    private async Task RunAsync(BlockRun run, long first, long end)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever starts it holds the gate.
        var next = first;
        RemoteFileException? problem = null;
        try
        {
            await _fetch.RunAsync(
                first, end,
                (block, bytes) =>
                {
                    _cache.Put(block, bytes);
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
            Failed(next, end, problem);
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
                for (; next < end; next++)
                {
                    _coming.Remove(next);
                }
            }

            return !run.IsOver;
        }
    }

    private void Arrived(long block)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _coming.Remove(block, out var coming) ? coming.Came : null;
        }

        waiting?.SetResult();
    }

    private void Failed(long next, long end, RemoteFileException problem)
    {
        var waiting = new List<TaskCompletionSource>();
        lock (_gate)
        {
            if (!problem.MayPass)
            {
                _fault ??= problem;
            }

            for (; next < end; next++)
            {
                if (_coming.Remove(next, out var one))
                {
                    waiting.Add(one.Came);
                }
            }
        }

        foreach (var one in waiting)
        {
            one.SetException(problem);
            _ = one.Task.Exception; // Nobody may have waited for it.
        }
    }
}
