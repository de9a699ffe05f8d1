namespace Sluice.Media.Binary;

/// <summary>
/// Random access to immutable bytes. The library reads nothing by itself: its caller lends it a file, a buffer or
/// anything else in this shape.
/// </summary>
public interface IByteSource
{
    /// <summary>Size in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to <paramref name="destination"/>'s length at <paramref name="offset"/>.</summary>
    /// <returns>Bytes read; fewer than asked only at the end, where it is 0.</returns>
    int Read(long offset, Span<byte> destination);
}
