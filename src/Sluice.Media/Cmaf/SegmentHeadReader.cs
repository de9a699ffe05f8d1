using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.Cmaf;

/// <summary>Reads back the head that <see cref="SegmentWriter"/> wrote, for the views that are made from it (MPEG-TS).</summary>
public static class SegmentHeadReader
{
    /// <summary>Fills <paramref name="samples"/> with the segment's samples, in decode order.</summary>
    /// <param name="head">From the start of the segment to its payload.</param>
    /// <param name="samples">Is cleared first.</param>
    /// <returns>Decode time of the first sample, or null when the head is damaged.</returns>
    public static long? TryRead(ReadOnlyMemory<byte> head, List<SegmentSample> samples)
    {
        samples.Clear();
        var traf = BoxReader.Find(BoxReader.Find(head.Span, "moof"), "traf");
        if (!TrackFragmentDecodeTimeBox.TryParse(BoxReader.Find(traf, "tfdt"), out var tfdt)
            || !TrackFragmentHeaderBox.TryParse(BoxReader.Find(traf, "tfhd"), default, out var tfhd)
            || TrackRunBox.TryParse(BoxReader.Find(traf, "trun").ToArray(), tfhd) is not { SampleCount: <= SegmentWriter.MostSamples } trun)
        {
            return null;
        }

        while (trun.TryRead(out var sample))
        {
            samples.Add(new SegmentSample((int)sample.Size, sample.Duration, sample.CompositionOffset, sample.IsSync));
        }

        return tfdt.DecodeTicks;
    }
}
