namespace Sluice.Server.Outbound.Remote;

/// <summary>A file on another server, read over http where it lies: <see cref="BlockFile"/>.</summary>
internal sealed class RemoteFile : IAsyncDisposable
{
    /// <summary>Bytes that are fetched and kept together.</summary>
    public const int BlockBytes = BlockFetcher.BlockBytes;

    private readonly BlockCache _cache;
    private readonly BlockFetch _fetch;
    private readonly BlockFile _blocks;

    /// <param name="fetch">Fetches from it; owned from now on.</param>
    /// <param name="cache">Keeps what was fetched; owned from now on.</param>
    /// <param name="head">Its first block.</param>
    public RemoteFile(BlockFetch fetch, BlockCache cache, ReadOnlySpan<byte> head)
    {
        (_fetch, _cache, _blocks) = (fetch, cache, new BlockFile(fetch, cache, 0));
        cache.Put(0, head);
    }

    /// <summary>What is known of it.</summary>
    public RemoteFileFacts Facts => _fetch.Facts;

    /// <summary>Size in bytes.</summary>
    public long Length => _fetch.Length;

    /// <summary>Bytes that the other server has sent.</summary>
    public long FetchedBytes => _fetch.Bytes;

    /// <summary>Requests that the other server was sent.</summary>
    public long Requests => _fetch.Requests;

    /// <summary>Why it is of no use any more; null while it is.</summary>
    public string? Fault => _blocks.Fault;

    /// <summary>Reads up to <paramref name="destination"/>'s length at <paramref name="offset"/>; 0 at the end.</summary>
    /// <exception cref="RemoteFileException">The bytes cannot be had.</exception>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => _blocks.ReadAsync(offset, destination, ct);

    /// <summary>Asks the other server for nothing more; whoever still reads is told that it is over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _blocks.DisposeAsync();
        _cache.Dispose();
        _fetch.Dispose();
    }
}
