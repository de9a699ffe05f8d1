using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>Puts one segment after the other together from its samples, and writes each into an index when it is complete.</summary>
/// <param name="index">Takes the segments.</param>
/// <param name="trackId">track_ID of the CMAF track.</param>
internal sealed class SegmentAssembly(TrackIndexWriter index, uint trackId)
{
    private readonly ReusableList<SegmentSample> _samples = new();
    private readonly ReusableList<Extent> _extents = new();
    private readonly SpanWriter _head = new(4096);
    private long _decodeTicks;
    private long _payload;

    /// <summary>A segment has begun; one always has from the first on.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Where the open segment begins, in presentation time.</summary>
    public long StartTicks { get; private set; }

    /// <summary>Samples of the open segment.</summary>
    public int SampleCount => _samples.Count;

    /// <summary>Begins a segment.</summary>
    /// <param name="startTicks">Its earliest presentation time.</param>
    /// <param name="decodeTicks">Decode time of its first sample.</param>
    public void Open(long startTicks, long decodeTicks)
    {
        StartTicks = startTicks;
        _decodeTicks = decodeTicks;
        IsOpen = true;
    }

    /// <summary>Appends a sample to the open segment.</summary>
    /// <param name="sample">What the segment says of it.</param>
    /// <param name="offset">Where its bytes lie in the source.</param>
    public void Add(in SegmentSample sample, long offset)
    {
        _samples.Add(sample);
        _payload += sample.SizeBytes;
        var length = sample.SizeBytes;
        if (length == 0)
        {
            return;
        }

        if (_extents.Count > 0 && _extents.Last is var last && last.Offset + last.LengthBytes == offset
            && last.LengthBytes <= int.MaxValue - length)
        {
            _extents.Last = last with { LengthBytes = last.LengthBytes + length };
        }
        else
        {
            _extents.Add(new Extent(offset, length, 0));
        }
    }

    /// <summary>Writes the open segment out.</summary>
    /// <param name="endTicks">Where it ends; later than it begins.</param>
    public void Close(long endTicks)
    {
        _head.Clear();
        var number = (uint)index.Entries.Count + 1;
        SegmentWriter.WriteHead(_head, trackId, number, _decodeTicks, _samples.Span, _payload);
        index.Append(new SegmentTiming(StartTicks, endTicks - StartTicks), _head.WrittenSpan, _extents.Span, _payload);
        _samples.Clear();
        _extents.Clear();
        _payload = 0;
    }
}
