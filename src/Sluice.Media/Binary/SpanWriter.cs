using System.Buffers.Binary;

namespace Sluice.Media.Binary;

/// <summary>
/// A growing big-endian byte buffer with nested length-prefixed boxes. Writes never fail; the caller owns the bound.
/// </summary>
public sealed class SpanWriter
{
    private byte[] _buffer;

    /// <summary>Starts empty with room for <paramref name="capacityBytes"/>.</summary>
    public SpanWriter(int capacityBytes = 256) => _buffer = new byte[capacityBytes];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, Length);

    /// <summary>Forgets everything written; the buffer is kept.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of the bytes written so far.</summary>
    public byte[] ToArray() => WrittenSpan.ToArray();

    /// <summary>One byte.</summary>
    public void WriteUInt8(byte value) => Reserve(1)[0] = value;

    /// <summary>2 bytes, big-endian.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    /// <summary>3 bytes, big-endian; the top byte of <paramref name="value"/> is dropped.</summary>
    public void WriteUInt24(uint value)
    {
        var s = Reserve(3);
        s[0] = (byte)(value >> 16);
        s[1] = (byte)(value >> 8);
        s[2] = (byte)value;
    }

    /// <summary>4 bytes, big-endian.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>4 bytes, signed big-endian.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    /// <summary>8 bytes, big-endian.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    /// <summary>Raw bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary><paramref name="count"/> zero bytes.</summary>
    public void WriteZeros(int count) => Reserve(count).Clear();

    /// <summary>Overwrites 4 bytes at <paramref name="position"/>, big-endian.</summary>
    public void PatchUInt32(int position, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>Opens a box of <paramref name="type"/>; its size is set by <see cref="EndBox"/> with the answer.</summary>
    public int BeginBox(IsoBmff.FourCc type)
    {
        var start = Length;
        WriteUInt32(0);
        WriteUInt32(type.Value);
        return start;
    }

    /// <summary>Opens a FullBox (ISO/IEC 14496-12 section 4.2).</summary>
    public int BeginFullBox(IsoBmff.FourCc type, byte version, uint flags)
    {
        var start = BeginBox(type);
        WriteUInt8(version);
        WriteUInt24(flags);
        return start;
    }

    /// <summary>Closes the box that was opened at <paramref name="start"/>.</summary>
    public void EndBox(int start) => PatchUInt32(start, (uint)(Length - start));

    /// <summary><paramref name="count"/> bytes for the caller to fill at once.</summary>
    public Span<byte> Reserve(int count)
    {
        var needed = checked(Length + count);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)needed, 2L * _buffer.Length)));
        }

        var span = _buffer.AsSpan(Length, count);
        Length = needed;
        return span;
    }
}
