using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>The samples of a <c>stbl</c>: five tables read side by side, each through its own window.</summary>
internal sealed class ProgressiveSampleReader : SampleReader
{
    private readonly long _fileLength;
    private readonly RunTable _durations;
    private readonly RunTable _offsets;
    private readonly SizeTable _sizes;
    private readonly ChunkTable _chunks;
    private readonly SyncTable _syncs;
    private uint _leftInChunk;
    private long _position;
    private long _number;
    private long _bytes;

    public ProgressiveSampleReader(IByteSource source, SampleTable table)
    {
        _fileLength = source.Length;
        _durations = new RunTable(source, table.TimeToSample);
        _offsets = new RunTable(source, table.CompositionOffsets);
        _sizes = new SizeTable(source, table.Sizes, table.CompactSizes);
        _chunks = new ChunkTable(source, table.ChunkOffsets, table.ChunkOffsets64, table.SampleToChunk);
        _syncs = new SyncTable(source, table.SyncSamples);
    }

    /// <summary>Decode time after the last sample read.</summary>
    public long DecodeTicks { get; private set; }

    public override bool TryRead(out MediaSample sample)
    {
        sample = default;
        if (Problem is not null || IsTruncated)
        {
            return false;
        }

        if (_number >= _sizes.Count)
        {
            IsTruncated = _sizes.IsCutOff;
            return false;
        }

        if (_leftInChunk == 0)
        {
            _leftInChunk = _chunks.Next();
            _position = _chunks.Offset;
            if (_leftInChunk == 0)
            {
                Problem = _chunks.Problem ?? $"its chunks (stco) end before its {_sizes.Count} samples do";
                return false;
            }
        }

        var size = _sizes.Next();
        var duration = _durations.Next();
        var offset = _offsets.Next();
        _number++;
        _leftInChunk--;
        if (size > LargestSample || duration < 0)
        {
            Problem = size > LargestSample
                ? $"sample {_number} claims {size} bytes"
                : $"sample {_number} has a negative duration";
            return false;
        }

        if (_position > _fileLength - size)
        {
            IsTruncated = true;
            return false;
        }

        // Overlapping chunks could name the same bytes without end; a whole file cannot hold more samples than bytes.
        _bytes += size;
        if (_bytes > 2 * _fileLength)
        {
            Problem = "its samples overlap each other";
            return false;
        }

        sample = new MediaSample(
            _position, (int)size, DecodeTicks, DecodeTicks + offset, (uint)duration, _syncs.IsSync(_number), _chunks.DescriptionIndex);
        _position += size;
        DecodeTicks += duration;
        return true;
    }
}
