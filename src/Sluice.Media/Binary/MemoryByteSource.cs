namespace Sluice.Media.Binary;

/// <summary>A buffer in memory as an <see cref="IByteSource"/>.</summary>
public sealed class MemoryByteSource(ReadOnlyMemory<byte> bytes) : IByteSource
{
    /// <inheritdoc />
    public long Length => bytes.Length;

    /// <inheritdoc />
    public int Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset >= bytes.Length)
        {
            return 0;
        }

        var count = Math.Min(destination.Length, bytes.Length - (int)offset);
        bytes.Span.Slice((int)offset, count).CopyTo(destination);
        return count;
    }
}
