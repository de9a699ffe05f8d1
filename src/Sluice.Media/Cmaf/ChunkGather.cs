using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>
/// Makes the complete index of a rendition whose chunks all exist. The caller reads the chunks in order, one at a time:
/// writes the payload of each to the gathered file, and hands its head to this. Init segment and timings stay those of
/// the cut table; sizes and bit rates become exact.
/// </summary>
public sealed class ChunkGather
{
    /// <summary><see cref="Extent.Source"/> of a gathered file.</summary>
    private const int GatheredSource = 1;

    private readonly TrackIndexReader _cutTable;
    private readonly SegmentTiming[] _timings;
    private readonly TrackIndexWriter _index;
    private readonly List<SegmentSample> _samples = [];
    private long _position;
    private bool _independent = true;

    /// <summary>Starts at chunk 1.</summary>
    /// <param name="cutTable">The index that <see cref="CutTableIndex"/> wrote.</param>
    /// <param name="index">Takes the complete index.</param>
    public ChunkGather(TrackIndexReader cutTable, IByteSink index)
    {
        _cutTable = cutTable;
        _timings = cutTable.ReadTimings();
        _index = new TrackIndexWriter(index);
    }

    /// <summary>Number of the chunk that is appended next, from 1.</summary>
    public int Next => _index.Entries.Count + 1;

    /// <summary>All chunks are there, and <see cref="Finish"/> may be called.</summary>
    public bool IsComplete => _index.Entries.Count == _timings.Length;

    /// <summary>Takes note of chunk <see cref="Next"/>, whose payload goes behind that of the chunk before in the gathered file.</summary>
    /// <param name="head">The chunk up to its payload.</param>
    /// <param name="payloadBytes">Length of its payload; more than 0.</param>
    /// <exception cref="InvalidOperationException">All chunks are there already.</exception>
    /// <exception cref="InvalidDataException">The head is damaged, or is not that of such a payload.</exception>
    public void Append(ReadOnlyMemory<byte> head, int payloadBytes)
    {
        if (IsComplete)
        {
            throw new InvalidOperationException("The rendition has no more chunks.");
        }

        if (SegmentHeadReader.TryRead(head, _samples) is null || _samples.Count == 0
            || payloadBytes <= 0 || _samples.Sum(static s => (long)s.SizeBytes) != payloadBytes)
        {
            throw new InvalidDataException($"The head of chunk {Next} does not describe {payloadBytes} bytes.");
        }

        _independent &= _samples[0].IsSync && !HasLeadingPictures();
        _index.Append(_timings[Next - 1], head.Span, [new Extent(_position, payloadBytes, GatheredSource)], payloadBytes);
        _position += payloadBytes;
    }

    /// <summary>Writes the rest of the index.</summary>
    /// <returns>The summary, exact now.</returns>
    /// <exception cref="InvalidOperationException">A chunk is missing.</exception>
    public TrackSummary Finish()
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException($"Chunk {Next} of {_timings.Length} is missing.");
        }

        var before = _cutTable.Summary;
        var summary = before with
        {
            IndependentSegments = _independent,
            PeakBitsPerSecond = BitRates.Peak(
                _index.Entries, before.Timescale, BitRates.TargetTicks(before.LongestSegmentTicks, before.Timescale)),
            AverageBitsPerSecond = BitRates.Average(_index.Entries, before.Timescale),
        };
        _index.Finish(_cutTable.Init.Span, summary);
        return summary;
    }

    /// <summary>A frame that is shown before the key frame may need frames of the chunk before.</summary>
    private bool HasLeadingPictures()
    {
        long decode = 0;
        foreach (var sample in _samples)
        {
            if (decode + sample.CompositionOffset < _samples[0].CompositionOffset)
            {
                return true;
            }

            decode += sample.DurationTicks;
        }

        return false;
    }
}
