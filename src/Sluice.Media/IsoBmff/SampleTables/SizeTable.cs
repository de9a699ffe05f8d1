using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>Sample sizes from <c>stsz</c> or <c>stz2</c> (ISO/IEC 14496-12 section 8.7.3).</summary>
internal sealed class SizeTable
{
    private readonly ByteWindow? _entries;
    private readonly uint _constantSize;
    private readonly int _fieldBits;
    private int _nibble = -1;

    public SizeTable(IByteSource source, BoxRegion? stsz, BoxRegion? stz2)
    {
        if ((stsz ?? stz2) is not { BodyLength: >= 12 } box)
        {
            return;
        }

        _entries = new ByteWindow(source, box.BodyStart, box.BodyLength);
        _entries.ReadUInt32();
        var second = _entries.ReadUInt32();
        var count = _entries.ReadUInt32();
        // A count is believed only as far as bytes stand behind it: in the table, or in the file itself.
        if (stsz is null)
        {
            _fieldBits = (int)(second & 0xFF);
            Count = _fieldBits is 4 or 8 or 16 ? Math.Min(count, _entries.Remaining * 8 / _fieldBits) : 0;
        }
        else
        {
            _constantSize = second;
            _fieldBits = 32;
            Count = second > 0 ? Math.Min(count, source.Length / second) : Math.Min(count, _entries.Remaining / 4);
        }

        IsCutOff = Count < count;
    }

    /// <summary>Number of samples that the bytes can back.</summary>
    public long Count { get; }

    /// <summary>All samples have one size, so that no bytes of the table stand behind their number.</summary>
    public bool IsConstant => _constantSize > 0;

    /// <summary>The box claims more samples than that.</summary>
    public bool IsCutOff { get; }

    /// <summary>Size of the next sample in bytes.</summary>
    public uint Next()
    {
        if (_constantSize > 0)
        {
            return _constantSize;
        }

        switch (_fieldBits)
        {
            case 32:
                return _entries!.ReadUInt32();
            case 16:
                return _entries!.ReadUInt16();
            case 8:
                return _entries!.ReadUInt8();
            default:
                if (_nibble >= 0)
                {
                    var low = (uint)_nibble;
                    _nibble = -1;
                    return low;
                }

                var both = _entries!.ReadUInt8();
                _nibble = both & 0xF;
                return (uint)both >> 4;
        }
    }
}
