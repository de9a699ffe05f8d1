using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>
/// Chunks of a track: their offsets from <c>stco</c> or <c>co64</c> and the samples in each from <c>stsc</c>
/// (ISO/IEC 14496-12 sections 8.7.4 and 8.7.5), walked together.
/// </summary>
internal sealed class ChunkTable
{
    private readonly ByteWindow? _offsets;
    private readonly ByteWindow? _runs;
    private readonly bool _is64;
    private readonly long _chunkCount;
    private long _chunk;
    private uint _runsLeft;
    private uint _nextFirstChunk;
    private uint _samplesPerChunk;
    private uint _nextSamplesPerChunk;
    private uint _nextDescription;

    public ChunkTable(IByteSource source, BoxRegion? stco, BoxRegion? co64, BoxRegion? stsc)
    {
        if ((stco ?? co64) is { BodyLength: >= 8 } box)
        {
            _is64 = stco is null;
            _offsets = new ByteWindow(source, box.BodyStart, box.BodyLength);
            _offsets.ReadUInt32();
            _chunkCount = Math.Min(_offsets.ReadUInt32(), _offsets.Remaining / (_is64 ? 8 : 4));
        }

        if (stsc is { BodyLength: >= 8 } runs)
        {
            _runs = new ByteWindow(source, runs.BodyStart, runs.BodyLength);
            _runs.ReadUInt32();
            _runsLeft = (uint)Math.Min(_runs.ReadUInt32(), _runs.Remaining / 12);
            ReadRun();
            if (_nextFirstChunk != 1)
            {
                Problem = "its sample-to-chunk table (stsc) does not begin at the first chunk";
            }
        }
        else
        {
            Problem = "its sample-to-chunk table (stsc) is missing";
        }
    }

    public string? Problem { get; private set; }

    /// <summary>Offset of the current chunk.</summary>
    public long Offset { get; private set; }

    /// <summary>Entry of <c>stsd</c> of the current chunk's samples, from 1.</summary>
    public int DescriptionIndex { get; private set; }

    /// <summary>Steps to the next chunk that has samples; answers their number, 0 at the end.</summary>
    public uint Next()
    {
        while (Problem is null && _chunk < _chunkCount)
        {
            _chunk++;
            var offset = _is64 ? _offsets!.ReadUInt64() : _offsets!.ReadUInt32();
            while (_chunk == _nextFirstChunk && Problem is null)
            {
                _samplesPerChunk = _nextSamplesPerChunk;
                DescriptionIndex = (int)Math.Min(_nextDescription, int.MaxValue);
                ReadRun();
            }

            Offset = (long)Math.Min(offset, long.MaxValue);
            if (_samplesPerChunk > 0)
            {
                return _samplesPerChunk;
            }
        }

        return 0;
    }

    private void ReadRun()
    {
        if (_runsLeft == 0)
        {
            _nextFirstChunk = 0;
            return;
        }

        var previous = _nextFirstChunk;
        _nextFirstChunk = _runs!.ReadUInt32();
        _nextSamplesPerChunk = _runs.ReadUInt32();
        _nextDescription = _runs.ReadUInt32();
        _runsLeft--;
        if (_nextFirstChunk <= previous)
        {
            Problem = "its sample-to-chunk table (stsc) runs backwards";
        }
        else if (_nextFirstChunk > _chunkCount)
        {
            Problem = $"its sample-to-chunk table (stsc) names chunk {_nextFirstChunk} of {_chunkCount}";
        }
    }
}
