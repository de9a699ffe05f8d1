namespace Sluice.Server.Live;

/// <summary>
/// The bytes of a <see cref="ChunkLog"/> from one position to another, for somebody who may be slow:
/// <code>
///   hold a block ──▶ send what is wanted of it ──▶ release ──▶ the next      one that has gone meanwhile: the end
/// </code>
/// No more than one block at a time is kept for a reader, so that any number of them takes little memory.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="from">Position of the first byte.</param>
/// <param name="to">Position behind the last.</param>
internal readonly struct LogStretch(ChunkLog log, long from, long to)
{
    /// <summary>Bytes.</summary>
    public long Length => to - from;

    /// <summary>Its first byte has not left the log, at this moment.</summary>
    public bool IsThere => log.Tail <= from;

    /// <summary>Hands on a part of it.</summary>
    /// <param name="skip">Bytes of it before that part.</param>
    /// <param name="count">Bytes of that part.</param>
    /// <param name="take">Takes the next of them; when it returns they may be overwritten.</param>
    /// <returns>False when some of it was not there any more, or not yet.</returns>
    public async ValueTask<bool> ReadAsync(long skip, long count, Func<ReadOnlyMemory<byte>, ValueTask> take)
    {
        var (at, end) = (from + skip, from + skip + count);
        if (at >= end)
        {
            return true;
        }

        if (!log.TryFind(at, out var block) || !block.TryHold())
        {
            return false;
        }

        try
        {
            while (true)
            {
                var until = (int)Math.Min(block.Length, end - block.Start);
                if (block.Start + until <= at)
                {
                    return false;
                }

                await take(block.Read((int)(at - block.Start), until));
                at = block.Start + until;
                if (at >= end)
                {
                    return true;
                }

                // From block to block: to look for each from the beginning of the log takes the longer the more it holds. One that has left it knows no next.
                var next = block.Next;
                if ((next is null && !log.TryFind(at, out next)) || !next!.TryHold())
                {
                    return false;
                }

                block.Release();
                block = next;
            }
        }
        finally
        {
            block.Release();
        }
    }
}
