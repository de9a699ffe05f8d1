using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>TrackExtendsBox <c>trex</c> (ISO/IEC 14496-12 section 8.8.3): a track's defaults in movie fragments.</summary>
/// <param name="TrackId">The track.</param>
/// <param name="DescriptionIndex">Entry of <c>stsd</c>, from 1.</param>
/// <param name="Duration">Sample duration in ticks.</param>
/// <param name="Size">Sample size in bytes.</param>
/// <param name="Flags">Sample flags (section 8.8.3.1).</param>
public readonly record struct TrackExtendsBox(uint TrackId, uint DescriptionIndex, uint Duration, uint Size, uint Flags)
{
    /// <summary>Reads the body of the box.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out TrackExtendsBox box)
    {
        var reader = new SpanReader(body);
        reader.Skip(4);
        box = new TrackExtendsBox(
            reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
        return !reader.Failed;
    }
}
