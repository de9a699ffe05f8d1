using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>
/// Sync samples from <c>stss</c> (ISO/IEC 14496-12 section 8.6.2). No box means that every sample is one; a box with
/// no entries means that none is.
/// </summary>
internal sealed class SyncTable
{
    private readonly ByteWindow? _entries;
    private long _left;
    private long _nextSync;

    public SyncTable(IByteSource source, BoxRegion? box)
    {
        if (box is not { } region)
        {
            return;
        }

        _entries = new ByteWindow(source, region.BodyStart, region.BodyLength);
        _entries.ReadUInt32();
        _left = Math.Min(_entries.ReadUInt32(), _entries.Remaining / 4);
        Advance(0);
    }

    /// <summary>Whether sample <paramref name="number"/>, counted from 1 and asked for in order, is a sync sample.</summary>
    public bool IsSync(long number)
    {
        if (_entries is null)
        {
            return true;
        }

        if (_nextSync < number)
        {
            Advance(number - 1);
        }

        return _nextSync == number;
    }

    private void Advance(long past)
    {
        while (_nextSync <= past && _left > 0)
        {
            _nextSync = _entries!.ReadUInt32();
            _left--;
        }

        if (_nextSync <= past)
        {
            _nextSync = long.MaxValue;
        }
    }
}
