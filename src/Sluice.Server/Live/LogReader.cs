namespace Sluice.Server.Live;

/// <summary>
/// Reads a <see cref="ChunkLog"/> byte by byte from a position on, whatever is a place to come in. For one caller at a time; who is so slow that what
/// comes next has left the log has fallen behind, and reads no more.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="position">Of the first byte that is wanted.</param>
internal sealed class LogReader(ChunkLog log, long position) : IDisposable
{
    private LogBlock? _block;

    /// <summary>Position of the next byte that it is given.</summary>
    public long Position { get; private set; } = position;

    /// <summary>What comes next is there no more.</summary>
    public bool HasFallen { get; private set; }

    /// <summary>Reads what is there. The bytes stay as they are until the next call.</summary>
    /// <returns>False when there is nothing now, or <see cref="HasFallen"/>.</returns>
    public bool TryRead(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        while (!HasFallen && (_block is not null || TryFind()))
        {
            var block = _block!;
            var next = block.Next; // Before the length: once there is one, this block grows no more.
            var end = block.Length;
            var offset = (int)(Position - block.Start);
            if (offset < end)
            {
                bytes = block.Read(offset, end);
                Position = block.Start + end;
                return true;
            }

            if (next is null && !block.IsDropped)
            {
                return false;
            }

            // One that has left the log knows no next: what follows may be there all the same.
            Dispose();
        }

        return false;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _block?.Release();
        _block = null;
    }

    private bool TryFind()
    {
        if (!log.TryFind(Position, out var found) || !found.TryHold())
        {
            HasFallen = true;
            return false;
        }

        _block = found;
        return true;
    }
}
