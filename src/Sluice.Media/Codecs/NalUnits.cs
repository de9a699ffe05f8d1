namespace Sluice.Media.Codecs;

/// <summary>Walks NAL units that stand behind lengths (ISO/IEC 14496-15 section 4.3.3), as samples in MP4 do.</summary>
internal ref struct NalUnits
{
    private readonly int _lengthSize;
    private ReadOnlySpan<byte> _rest;

    public NalUnits(ReadOnlySpan<byte> sample, int lengthSize)
    {
        _rest = sample;
        _lengthSize = lengthSize;
    }

    /// <summary>The current unit; cut short when the span ends before it does.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>The current unit, or the length before it, claims more bytes than there are.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Steps to the next unit that has at least one byte.</summary>
    public bool Next()
    {
        while (_lengthSize is >= 1 and <= 4 && _rest.Length >= _lengthSize)
        {
            uint length = 0;
            for (var i = 0; i < _lengthSize; i++)
            {
                length = (length << 8) | _rest[i];
            }

            _rest = _rest[_lengthSize..];
            Truncated = length > (uint)_rest.Length;
            var taken = (int)Math.Min(length, (uint)_rest.Length);
            Current = _rest[..taken];
            _rest = _rest[taken..];
            if (taken > 0)
            {
                return true;
            }
        }

        Truncated |= !_rest.IsEmpty;
        return false;
    }

    /// <summary>A copy without emulation prevention bytes (H.264 and H.265 section 7.4.1).</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> nal)
    {
        var clean = new byte[nal.Length];
        return clean[..Unescape(nal, clean)];
    }

    /// <summary>As <see cref="Unescape(ReadOnlySpan{byte})"/>, into memory of the caller.</summary>
    /// <param name="nal">The unit.</param>
    /// <param name="clean">As long as the unit.</param>
    /// <returns>Bytes that were written.</returns>
    public static int Unescape(ReadOnlySpan<byte> nal, Span<byte> clean)
    {
        int length = 0, zeros = 0;
        foreach (var b in nal)
        {
            if (zeros >= 2 && b == 3)
            {
                zeros = 0;
                continue;
            }

            zeros = b == 0 ? zeros + 1 : 0;
            clean[length++] = b;
        }

        return length;
    }
}
