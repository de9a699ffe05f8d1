using System.Buffers;

namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// Fetches blocks of one object of another server, in runs; what speaks to that server is below.
/// <code>
///   1 ask      from where it stands to the end of the run, if the object is still the one that it was
///   2 receive  block by block; whoever waits for one gets it at once; when nobody does any more it ends
///              └ the connection broke, or is too slow, or the server is busy: again from there, three times in all without a block
/// </code>
/// </summary>
/// <param name="length">Size of the object in bytes.</param>
/// <param name="clock">For the pauses.</param>
internal abstract class BlockFetcher(long length, TimeProvider clock)
{
    /// <summary>Bytes that are fetched and kept together.</summary>
    public const int BlockBytes = 256 * 1024;

    private const int MostTries = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private long _bytes;
    private long _requests;

    /// <summary>A block that has come.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="bytes">The block; valid during the call only.</param>
    public delegate void BlockArrived(long block, ReadOnlySpan<byte> bytes);

    /// <summary>Size of the object in bytes.</summary>
    public long Length => length;

    /// <summary>Bytes that have come.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Requests that were sent.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests may be sent when one of these is had.</summary>
    protected abstract SemaphoreSlim Turns { get; }

    /// <summary>Whoever waits longer for a turn is told to come back; without end unless it is said.</summary>
    protected virtual TimeSpan LongestTurn => Timeout.InfiniteTimeSpan;

    /// <summary>Time in which a block has to come. A line that needs longer shows nothing, and another connection may be a better one.</summary>
    protected virtual TimeSpan LongestBlock => TimeSpan.FromMinutes(1);

    /// <summary>Fetches the blocks from <paramref name="first"/> up to <paramref name="end"/>, in order.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="arrived">Is given each.</param>
    /// <param name="goesOn">Asked when a turn for a try has come, and before each block: whether that and what follows is still wanted.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="RemoteFileException">Not all of them could be had.</exception>
    public async Task RunAsync(long first, long end, BlockArrived arrived, Func<long, bool> goesOn, CancellationToken ct)
    {
        var tries = 1;
        for (; first < end; tries++)
        {
            await TurnAsync(ct);
            try
            {
                if (goesOn(first))
                {
                    await AttemptAsync();
                }

                return;
            }
            catch (RemoteFileException e) when ((e.MayPass || e.IsDoubted) && tries < MostTries)
            {
                Failed();
            }
            finally
            {
                Turns.Release();
            }

            await Task.Delay(Pause * tries, clock, ct); // The turn is another's meanwhile.
        }

        async Task AttemptAsync()
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
            try
            {
                // :: Step 1: ask
                Interlocked.Increment(ref _requests);
                await using var answer = await AskAsync(first * BlockBytes, Math.Min(end * BlockBytes, length) - 1, ct);

                // :: Step 2: receive
                do
                {
                    var block = buffer.AsMemory(0, (int)Math.Min(BlockBytes, length - (first * BlockBytes)));
                    await FillAsync(answer.Body, block, ct);
                    arrived(first++, block.Span);
                    tries = 1;
                }
                while (first < end && goesOn(first));
            }
            catch (OutboundException e)
            {
                throw RemoteFileException.Of(e);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Asks for bytes, both inclusive.</summary>
    /// <returns>An answer that is known to begin with these bytes of this object.</returns>
    /// <exception cref="RemoteFileException">There is none.</exception>
    protected abstract Task<BlockAnswer> AskAsync(long from, long to, CancellationToken ct);

    /// <summary>An attempt was in vain, and there is to be another.</summary>
    protected virtual void Failed()
    {
    }

    /// <summary>Counts what came before, by another way.</summary>
    protected void Count(long requests, long bytes)
    {
        Interlocked.Add(ref _requests, requests);
        Interlocked.Add(ref _bytes, bytes);
    }

    private async Task TurnAsync(CancellationToken ct)
    {
        using var up = new CancellationTokenSource(LongestTurn, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, up.Token);
        try
        {
            await Turns.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new RemoteFileException("Too much is being fetched from the other server just now.", e) { MayPass = true, IsBusy = true };
        }
    }

    private async Task FillAsync(Stream body, Memory<byte> block, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (!block.IsEmpty)
        {
            if (clock.GetElapsedTime(began) > LongestBlock)
            {
                throw new RemoteFileException("The other server sends too slowly.") { MayPass = true };
            }

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

/// <summary>An answer whose body is being received.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="Owner">Ends the answer.</param>
internal sealed record BlockAnswer(Stream Body, IAsyncDisposable Owner) : IAsyncDisposable
{
    /// <inheritdoc />
    public ValueTask DisposeAsync() => Owner.DisposeAsync();
}
