using System.Buffers.Binary;

namespace Sluice.Media.Binary;

/// <summary>
/// A forward-only, big-endian cursor over bytes that nobody has checked yet. The first read past the end poisons
/// the reader: every later read answers zero or empty and <see cref="Failed"/> stays true, so a parser reads
/// straight on and asks once at the end.
/// </summary>
public ref struct SpanReader
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Starts at the first of <paramref name="bytes"/>.</summary>
    public SpanReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Bytes consumed so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes not yet consumed; 0 once poisoned.</summary>
    public readonly int Remaining => Failed ? 0 : _bytes.Length - Position;

    /// <summary>True once any read went past the end.</summary>
    public bool Failed { get; private set; }

    /// <summary>Next byte.</summary>
    public byte ReadUInt8() => Take(1) is { IsEmpty: false } s ? s[0] : (byte)0;

    /// <summary>Next 2 bytes, unsigned big-endian.</summary>
    public ushort ReadUInt16() => Take(2) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt16BigEndian(s) : (ushort)0;

    /// <summary>Next 2 bytes, signed big-endian.</summary>
    public short ReadInt16() => (short)ReadUInt16();

    /// <summary>Next 3 bytes, unsigned big-endian.</summary>
    public uint ReadUInt24() => Take(3) is { IsEmpty: false } s ? (uint)((s[0] << 16) | (s[1] << 8) | s[2]) : 0;

    /// <summary>Next 4 bytes, unsigned big-endian.</summary>
    public uint ReadUInt32() => Take(4) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt32BigEndian(s) : 0;

    /// <summary>Next 4 bytes, signed big-endian.</summary>
    public int ReadInt32() => (int)ReadUInt32();

    /// <summary>Next 8 bytes, unsigned big-endian.</summary>
    public ulong ReadUInt64() => Take(8) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt64BigEndian(s) : 0;

    /// <summary>Next 8 bytes, signed big-endian.</summary>
    public long ReadInt64() => (long)ReadUInt64();

    /// <summary>Next <paramref name="count"/> bytes, without a copy; empty (and poisoned) when there are fewer.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count);

    /// <summary>All bytes that remain.</summary>
    public ReadOnlySpan<byte> ReadToEnd() => Take(Remaining);

    /// <summary>Skips <paramref name="count"/> bytes.</summary>
    public void Skip(int count) => Take(count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || (uint)count > (uint)(_bytes.Length - Position))
        {
            Failed = true;
            return [];
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
