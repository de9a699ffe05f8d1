using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>TrackFragmentHeaderBox <c>tfhd</c> (ISO/IEC 14496-12 section 8.8.7) with the defaults already resolved.</summary>
/// <param name="TrackId">The track.</param>
/// <param name="BaseDataOffset">Explicit base of data offsets in the file, or null.</param>
/// <param name="DefaultBaseIsMoof">Flag 0x20000: offsets count from the <c>moof</c>.</param>
/// <param name="DescriptionIndex">Entry of <c>stsd</c>, from 1.</param>
/// <param name="Duration">Default sample duration in ticks.</param>
/// <param name="Size">Default sample size in bytes.</param>
/// <param name="Flags">Default sample flags.</param>
public readonly record struct TrackFragmentHeaderBox(
    uint TrackId,
    long? BaseDataOffset,
    bool DefaultBaseIsMoof,
    uint DescriptionIndex,
    uint Duration,
    uint Size,
    uint Flags)
{
    /// <summary>The track that the box in <paramref name="body"/> is of; 0 when it is cut off.</summary>
    public static uint TrackIdOf(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        reader.Skip(4);
        return reader.ReadUInt32();
    }

    /// <summary>Reads the body of the box over the defaults of <paramref name="extends"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, TrackExtendsBox extends, out TrackFragmentHeaderBox box)
    {
        var reader = new SpanReader(body);
        reader.Skip(1);
        var flags = reader.ReadUInt24();
        var trackId = reader.ReadUInt32();
        long? baseOffset = (flags & 0x1) != 0 ? (long)(reader.ReadUInt64() & long.MaxValue) : null;
        var description = (flags & 0x2) != 0 ? reader.ReadUInt32() : extends.DescriptionIndex;
        var duration = (flags & 0x8) != 0 ? reader.ReadUInt32() : extends.Duration;
        var size = (flags & 0x10) != 0 ? reader.ReadUInt32() : extends.Size;
        var sampleFlags = (flags & 0x20) != 0 ? reader.ReadUInt32() : extends.Flags;
        box = new TrackFragmentHeaderBox(
            trackId, baseOffset, (flags & 0x20000) != 0, description, duration, size, sampleFlags);
        return !reader.Failed;
    }
}
