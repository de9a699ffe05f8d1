namespace Sluice.Media.Binary;

/// <summary>
/// Most-significant-bit-first reader with the Exp-Golomb codes of ISO/IEC 14496-10 section 9.1. Poisoned by the
/// first read past the end, as <see cref="SpanReader"/> is.
/// </summary>
public ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _bit;

    /// <summary>Starts at the top bit of the first byte.</summary>
    public BitReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>True once any read went past the end or met an Exp-Golomb code longer than 32 bits.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bits consumed so far.</summary>
    public readonly int BitPosition => _bit;

    /// <summary>Bits not yet consumed; 0 once poisoned.</summary>
    public readonly int BitsRemaining => Failed ? 0 : (_bytes.Length * 8) - _bit;

    /// <summary>One bit as a flag.</summary>
    public bool ReadFlag() => ReadBits(1) == 1;

    /// <summary>0 to 32 bits, unsigned.</summary>
    public uint ReadBits(int count)
    {
        if (Failed || count > (_bytes.Length * 8) - _bit)
        {
            Failed = true;
            return 0;
        }

        ulong value = 0;
        for (var i = 0; i < count;)
        {
            var offset = _bit & 7;
            var take = Math.Min(8 - offset, count - i);
            var chunk = (_bytes[_bit >> 3] >> (8 - offset - take)) & ((1 << take) - 1);
            value = (value << take) | (uint)chunk;
            _bit += take;
            i += take;
        }

        return (uint)value;
    }

    /// <summary>Skips <paramref name="count"/> bits.</summary>
    public void Skip(int count)
    {
        if (Failed || count > (_bytes.Length * 8) - _bit)
        {
            Failed = true;
            return;
        }

        _bit += count;
    }

    /// <summary>ue(v).</summary>
    public uint ReadUnsignedExpGolomb()
    {
        var zeros = 0;
        while (!Failed && ReadBits(1) == 0)
        {
            if (++zeros > 31)
            {
                Failed = true;
            }
        }

        return Failed ? 0 : ((1u << zeros) - 1) + ReadBits(zeros);
    }

    /// <summary>se(v).</summary>
    public int ReadSignedExpGolomb()
    {
        var k = ReadUnsignedExpGolomb();
        return (k & 1) == 1 ? (int)((k + 1) / 2) : -(int)(k / 2);
    }
}
