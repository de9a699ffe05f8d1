namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// An object of another server, read where it lies. What is read is kept for a while, in blocks.
/// <code>
///   read ──▶ is its block here? ── yes ──▶ bytes
///              │ no
///              ▼
///            is it on its way? ── no ──▶ one request for it and, where somebody reads on and on, for what follows (<see cref="BlockRuns"/>)
///              └──── wait ◀──────────────┘
/// </code>
/// Any number of readers are one request per block. Nothing is fetched that nobody reads, but for as much ahead as was read in one go directly
/// before (<see cref="BlockReach"/>); and what all who waited for it have given up (a viewer who seeks again) ends with its block, or before it
/// begins (<see cref="BlockRun"/>). The file is the one that it was at the beginning, or reading fails: bytes of two states are never mixed. Safe for
/// concurrent reads.
/// </summary>
internal sealed class BlockFile : IAsyncDisposable
{
    private readonly BlockCache _cache;
    private readonly BlockRuns _runs;
    private readonly long _firstKey;

    /// <param name="fetcher">Fetches from it.</param>
    /// <param name="cache">Keeps what was fetched.</param>
    /// <param name="firstKey">Its first block is kept under this number; those of other objects are below, or behind its last.</param>
    /// <param name="wholeBytes">One request is for all of it, if it is no larger than so many bytes: it is read in all places at once.</param>
    public BlockFile(BlockFetcher fetcher, BlockCache cache, long firstKey, long wholeBytes = 0)
    {
        (Length, _cache, _firstKey) = (fetcher.Length, cache, firstKey);
        _runs = new BlockRuns(fetcher, cache, firstKey, wholeBytes);
    }

    /// <summary>Size in bytes.</summary>
    public long Length { get; }

    /// <summary>Why it is of no use any more; null while it is.</summary>
    public string? Fault => _runs.Fault;

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

            await WaitAsync(block, ct);
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

        if (_runs.Start(from / BlockFetcher.BlockBytes, (Math.Min(end, Length) - 1) / BlockFetcher.BlockBytes) is { } first)
        {
            await WaitAsync(first, ct);
        }
    }

    /// <summary>Asks the other server for nothing more; whoever still reads is told that it is over. Fetcher and cache stay their owner's.</summary>
    public ValueTask DisposeAsync() => _runs.DisposeAsync();

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
        if (_runs.Join(block) is not (var run, var came))
        {
            return;
        }

        try
        {
            await came.WaitAsync(ct);
        }
        catch (RemoteFileException e)
        {
            throw e.Again();
        }
        finally
        {
            _runs.Leave(run, gaveUp: !came.IsCompleted);
        }
    }
}
