using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>Builds one whole CMAF media segment from samples that an encoder made.</summary>
public static class ChunkSegment
{
    /// <summary>Appends <c>styp</c>, <c>moof</c> and <c>mdat</c> with its payload to <paramref name="w"/>.</summary>
    /// <param name="w">Where to.</param>
    /// <param name="trackId">track_ID of the init segment.</param>
    /// <param name="number">Number of the segment, from 1; it becomes the sequence number of <c>mfhd</c>.</param>
    /// <param name="decodeTicks">Decode time of the first sample; never negative.</param>
    /// <param name="samples">All samples in decode order; at least one.</param>
    /// <param name="payload">The samples' bytes in the same order, in pieces of any size.</param>
    /// <returns>Length in bytes of the head: everything before the payload.</returns>
    /// <exception cref="ArgumentException">There are no samples or too many, or their sizes are not those of the payload.</exception>
    public static int Write(
        SpanWriter w, uint trackId, int number, long decodeTicks, ReadOnlySpan<SegmentSample> samples,
        IReadOnlyList<ReadOnlyMemory<byte>> payload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        long sizes = 0, bytes = 0;
        foreach (ref readonly var sample in samples)
        {
            sizes += sample.SizeBytes;
        }

        foreach (var piece in payload)
        {
            bytes += piece.Length;
        }

        if (samples.IsEmpty || samples.Length > SegmentWriter.MostSamples || sizes != bytes)
        {
            throw new ArgumentException($"{samples.Length} samples of {sizes} bytes for a payload of {bytes} bytes.", nameof(samples));
        }

        var start = w.Length;
        SegmentWriter.WriteHead(w, trackId, (uint)number, decodeTicks, samples, bytes);
        var headBytes = w.Length - start;
        foreach (var piece in payload)
        {
            w.WriteBytes(piece.Span);
        }

        return headBytes;
    }
}
