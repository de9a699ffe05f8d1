using System.Buffers;

namespace Sluice.Server.Deliver;

/// <summary>A growing buffer out of the shared pool, for a body that must be whole before its length is known.</summary>
internal sealed class PooledBufferWriter(int capacityBytes) : IBufferWriter<byte>, IDisposable
{
    private byte[] _rented = ArrayPool<byte>.Shared.Rent(Math.Max(capacityBytes, 256));
    private int _written;

    /// <summary>What was written so far.</summary>
    public ReadOnlyMemory<byte> Written => _rented.AsMemory(0, _written);

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _rented.Length - _written);
        _written += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _rented.AsMemory(_written);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc />
    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);

    private void Reserve(int sizeHint)
    {
        var needed = checked(_written + Math.Max(1, sizeHint));
        if (needed <= _rented.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(Array.MaxLength, 2L * _rented.Length)));
        _rented.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
