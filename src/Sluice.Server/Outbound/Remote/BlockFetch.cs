using System.Buffers;

namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// Fetches blocks of one file, in runs.
/// <code>
///   1 ask      from where it stands to the end of the run, if the file is still the one that it was
///   2 agree    <see cref="RemoteAnswer"/>
///   3 receive  block by block; whoever waits for one gets it at once; when nobody does any more it ends
///              └ the connection broke, or the server is busy: again from there, three times in all
/// </code>
/// Redirects are followed once: where they led to is asked directly, until that does not answer any more.
/// </summary>
/// <param name="fetcher">Asks.</param>
/// <param name="url">As it was given.</param>
/// <param name="facts">What the first answer said.</param>
/// <param name="clock">For the pauses.</param>
internal sealed class BlockFetch(OutboundFetcher fetcher, OutboundUrl url, RemoteFileFacts facts, TimeProvider clock) : IDisposable
{
    private const int MostTries = 3;

    /// <summary>One server is sent so many requests at a time.</summary>
    private const int MostAtATime = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A player gives up after some ten seconds and comes back; a fetch that takes much longer is for nobody.</summary>
    public static readonly OutboundLimits Limits = new()
    {
        Header = TimeSpan.FromSeconds(15),
        Idle = TimeSpan.FromSeconds(15),
        Total = TimeSpan.FromMinutes(2),
    };

    private readonly SemaphoreSlim _turns = new(MostAtATime, MostAtATime);
    private OutboundUrl _direct = facts.Direct;
    private long _bytes = Math.Min(RemoteFile.BlockBytes, facts.Length); // The beginning, by which it became known.
    private long _requests = 1;

    /// <summary>A block that has come.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="bytes">The block; valid during the call only.</param>
    public delegate void BlockArrived(long block, ReadOnlySpan<byte> bytes);

    /// <summary>What is known of the file.</summary>
    public RemoteFileFacts Facts => facts;

    /// <summary>Bytes that have come.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Requests that were sent.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Fetches the blocks from <paramref name="first"/> up to <paramref name="end"/>, in order.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="arrived">Is given each.</param>
    /// <param name="goesOn">Asked when its turn has come, and before each block and each further try: whether that and what follows is still wanted.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="RemoteFileException">Not all of them could be had.</exception>
    public async Task RunAsync(long first, long end, BlockArrived arrived, Func<long, bool> goesOn, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        var buffer = ArrayPool<byte>.Shared.Rent(RemoteFile.BlockBytes);
        try
        {
            for (var tries = 1; first < end && goesOn(first); tries++)
            {
                try
                {
                    await AttemptAsync();
                }
                catch (RemoteFileException e) when (e.MayPass && tries < MostTries)
                {
                    _direct = url;
                    await Task.Delay(Pause * tries, clock, ct);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _turns.Release();
        }

        async Task AttemptAsync()
        {
            try
            {
                // :: Step 1: ask
                var from = first * RemoteFile.BlockBytes;
                Interlocked.Increment(ref _requests);
                await using var response = await fetcher.SendAsync(RequestFor(from, Math.Min(end * RemoteFile.BlockBytes, facts.Length) - 1), ct);

                // :: Step 2: agree
                RemoteAnswer.Require(response, facts, from);
                _direct = response.Url;

                // :: Step 3: receive
                do
                {
                    var block = buffer.AsMemory(0, (int)Math.Min(RemoteFile.BlockBytes, facts.Length - (first * RemoteFile.BlockBytes)));
                    await FillAsync(response.Body, block, ct);
                    arrived(first++, block.Span);
                }
                while (first < end && goesOn(first));
            }
            catch (OutboundException e)
            {
                throw RemoteFileException.Of(e);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private OutboundRequest RequestFor(long from, long to) => new(_direct)
    {
        FromByte = from,
        ToByte = to,
        IfRange = facts.Validator,
        Limits = Limits,
    };

    private async Task FillAsync(Stream body, Memory<byte> block, CancellationToken ct)
    {
        while (!block.IsEmpty)
        {
            var count = await body.ReadAsync(block, ct);
            if (count == 0)
            {
                throw new RemoteFileException("The other server ended its answer early.") { MayPass = true };
            }

            Interlocked.Add(ref _bytes, count);
            block = block[count..];
        }
    }
}
