using Sluice.Media.Binary;

namespace Sluice.Media.Tests.Building;

/// <summary>A file that arrives from front to back: its length is known, its bytes as far as they have landed.</summary>
internal sealed class LandedSource(IByteSource whole) : IByteSource
{
    /// <summary>Bytes that have landed.</summary>
    public long Landed { get; set; }

    public long Length => whole.Length;

    public int Read(long offset, Span<byte> destination) =>
        whole.Read(offset, destination[..(int)Math.Clamp(Landed - offset, 0, destination.Length)]);
}
