using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Reads back what <see cref="InitSegmentWriter"/> wrote.</summary>
public static class InitSegmentReader
{
    /// <summary>The sample description of a CMAF header; null when there is none that can be read.</summary>
    public static SampleDescription? Description(ReadOnlySpan<byte> init, TrackKind kind)
    {
        var boxes = init;
        foreach (var type in (ReadOnlySpan<string>)["moov", "trak", "mdia", "minf", "stbl", "stsd"])
        {
            boxes = BoxReader.Find(boxes, type);
        }

        return boxes.Length > 8 ? SampleDescription.TryParse(boxes[8..], kind) : null;
    }
}
