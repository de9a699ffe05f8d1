using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>TrackFragmentBaseMediaDecodeTimeBox <c>tfdt</c> (ISO/IEC 14496-12 section 8.8.12).</summary>
/// <param name="DecodeTicks">Decode time of the fragment's first sample.</param>
public readonly record struct TrackFragmentDecodeTimeBox(long DecodeTicks)
{
    /// <summary>Reads the body of the box; false too when the time does not fit 63 bits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out TrackFragmentDecodeTimeBox box)
    {
        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        reader.Skip(3);
        var time = version == 1 ? reader.ReadUInt64() : reader.ReadUInt32();
        box = new TrackFragmentDecodeTimeBox((long)(time & long.MaxValue));
        return !reader.Failed && time <= long.MaxValue;
    }
}
