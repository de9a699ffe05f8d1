using Sluice.Media.Binary;

namespace Sluice.Media.Tests.Building;

/// <summary>Counts what is read through it.</summary>
internal sealed class CountingByteSource(IByteSource inner) : IByteSource
{
    public long Reads { get; private set; }

    public long BytesRead { get; private set; }

    public long Length => inner.Length;

    public int Read(long offset, Span<byte> destination)
    {
        var read = inner.Read(offset, destination);
        Reads++;
        BytesRead += read;
        return read;
    }

    public void Reset() => (Reads, BytesRead) = (0, 0);
}
