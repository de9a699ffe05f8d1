using Sluice.Server.Store;

namespace Sluice.Server.Tests.Support;

/// <summary>An object in memory that counts how often it is read.</summary>
internal sealed class CountingReader(byte[] bytes) : IObjectReader
{
    public int Reads { get; private set; }

    public long Length => bytes.Length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        Reads++;
        var count = (int)Math.Clamp(bytes.Length - offset, 0, destination.Length);
        bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(destination.Span);
        return ValueTask.FromResult(count);
    }

    public void Dispose()
    {
    }
}
