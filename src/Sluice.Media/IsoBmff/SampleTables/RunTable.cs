using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>
/// A run-length table, <c>stts</c> or <c>ctts</c> (ISO/IEC 14496-12 sections 8.6.1.2 and 8.6.1.3), read one sample
/// at a time. Past its end it goes on with its last value, as other readers do.
/// </summary>
internal sealed class RunTable
{
    private readonly ByteWindow? _entries;
    private uint _entriesLeft;
    private uint _runLeft;
    private int _value;

    /// <param name="source">The file.</param>
    /// <param name="box">Where the box lies; null gives zeros for ever.</param>
    public RunTable(IByteSource source, BoxRegion? box)
    {
        if (box is { BodyLength: >= 8 } region)
        {
            _entries = new ByteWindow(source, region.BodyStart, region.BodyLength);
            _entries.ReadUInt32();
            _entriesLeft = (uint)Math.Min(_entries.ReadUInt32(), _entries.Remaining / 8);
        }
    }

    /// <summary>The next sample's value, as signed.</summary>
    public int Next()
    {
        while (_runLeft == 0 && _entriesLeft > 0)
        {
            _runLeft = _entries!.ReadUInt32();
            _value = (int)_entries.ReadUInt32();
            _entriesLeft--;
        }

        if (_runLeft > 0)
        {
            _runLeft--;
        }

        return _value;
    }
}
