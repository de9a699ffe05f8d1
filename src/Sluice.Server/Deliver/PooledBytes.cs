using System.Buffers;

namespace Sluice.Server.Deliver;

/// <summary>A rented buffer of an exact length that goes back to its pool at the end of a using block.</summary>
internal readonly struct PooledBytes(int length) : IDisposable
{
    private readonly byte[] _rented = ArrayPool<byte>.Shared.Rent(length);

    /// <summary>The bytes.</summary>
    public Memory<byte> Memory => _rented.AsMemory(0, length);

    /// <inheritdoc />
    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);
}
