using System.Buffers.Binary;

namespace Sluice.Media.Binary;

/// <summary>
/// A forward cursor over one region of an <see cref="IByteSource"/> through a small window, so that a table of any
/// length costs the window and no more. Poisoned by the first read past the region's end, like <see cref="SpanReader"/>.
/// </summary>
internal sealed class ByteWindow
{
    private const int WindowBytes = 16 * 1024;

    private readonly IByteSource _source;
    private readonly long _end;
    private byte[] _window = [];
    private long _windowStart;
    private int _windowLength;

    public ByteWindow(IByteSource source, long start, long length)
    {
        _source = source;
        Position = start;
        _end = Math.Min(source.Length, start > long.MaxValue - length ? long.MaxValue : start + length);
    }

    /// <summary>Absolute offset of the next byte.</summary>
    public long Position { get; private set; }

    public long Remaining => Failed ? 0 : Math.Max(0, _end - Position);

    public bool Failed { get; private set; }

    public byte ReadUInt8() => Take(1) is { IsEmpty: false } s ? s[0] : (byte)0;

    public ushort ReadUInt16() => Take(2) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt16BigEndian(s) : (ushort)0;

    public uint ReadUInt32() => Take(4) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt32BigEndian(s) : 0;

    public ulong ReadUInt64() => Take(8) is { IsEmpty: false } s ? BinaryPrimitives.ReadUInt64BigEndian(s) : 0;

    /// <summary>Up to <paramref name="count"/> bytes ahead, without consuming them; fewer at the end.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        var available = (int)Math.Min(count, Remaining);
        return available == 0 || !Fill(available) ? [] : _window.AsSpan((int)(Position - _windowStart), available);
    }

    /// <summary>Moves to an absolute offset at or after the current one.</summary>
    public void SeekTo(long position)
    {
        if (position < Position || position > _end)
        {
            Failed = true;
            return;
        }

        Position = position;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count > _end - Position || !Fill(count))
        {
            Failed = true;
            return [];
        }

        var span = _window.AsSpan((int)(Position - _windowStart), count);
        Position += count;
        return span;
    }

    private bool Fill(int count)
    {
        if (Position >= _windowStart && Position + count <= _windowStart + _windowLength)
        {
            return true;
        }

        if (_window.Length == 0)
        {
            _window = new byte[(int)Math.Min(WindowBytes, Math.Max(count, _end - Position))];
        }

        if (_window.Length < count)
        {
            _window = new byte[count];
        }

        _windowStart = Position;
        _windowLength = 0;
        var wanted = (int)Math.Min(_window.Length, _end - Position);
        while (_windowLength < wanted)
        {
            var read = _source.Read(_windowStart + _windowLength, _window.AsSpan(_windowLength, wanted - _windowLength));
            if (read <= 0)
            {
                break;
            }

            _windowLength += read;
        }

        return _windowLength >= count;
    }
}
