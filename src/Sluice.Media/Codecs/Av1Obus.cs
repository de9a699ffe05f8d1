namespace Sluice.Media.Codecs;

/// <summary>Walks the open bitstream units of a sample or of <c>av1C</c> (AV1 section 5.3).</summary>
internal ref struct Av1Obus
{
    public const int SequenceHeader = 1;
    public const int FrameHeader = 3;
    public const int Frame = 6;

    private ReadOnlySpan<byte> _rest;

    public Av1Obus(ReadOnlySpan<byte> obus) => _rest = obus;

    /// <summary>obu_type.</summary>
    public int Type { get; private set; }

    /// <summary>What follows the OBU header; cut short when the span ends before it does.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Steps to the next unit; false at the end and at bytes that are none.</summary>
    public bool Next()
    {
        if (_rest.Length < 2 || (_rest[0] & 0x80) != 0)
        {
            return false;
        }

        Type = (_rest[0] >> 3) & 0xF;
        var hasExtension = (_rest[0] & 4) != 0;
        var hasSize = (_rest[0] & 2) != 0;
        var body = _rest[(hasExtension ? 2 : 1)..];
        long size = body.Length;
        if (hasSize && !TryReadSize(ref body, out size))
        {
            return false;
        }

        var taken = (int)Math.Min(size, body.Length);
        Body = body[..taken];
        _rest = body[taken..];
        return true;
    }

    /// <summary>leb128() (section 4.10.5).</summary>
    private static bool TryReadSize(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var i = 0; i < 8 && i < bytes.Length; i++)
        {
            value |= (long)(bytes[i] & 0x7F) << (7 * i);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
