namespace Sluice.Media.Binary;

/// <summary>
/// Random access to immutable bytes. The library reads nothing by itself: its caller lends it a file, a buffer or
/// anything else in this shape.
/// </summary>
/// <remarks>A file that is still arriving, front to back, has its announced length, or a bound of it as long as it is being made; reads of it end where
/// the bytes do.</remarks>
public interface IByteSource
{
    /// <summary>Size in bytes; of a file that is still arriving, the announced one, or a bound.</summary>
    long Length { get; }

    /// <summary>Reads up to <paramref name="destination"/>'s length at <paramref name="offset"/>.</summary>
    /// <returns>Bytes read; fewer than asked only at the end, where it is 0, or at the first byte that has not landed yet.</returns>
    int Read(long offset, Span<byte> destination);
}
