using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>MovieHeaderBox <c>mvhd</c> (ISO/IEC 14496-12 section 8.2.2).</summary>
/// <param name="Timescale">Ticks in a second of the movie's own timeline, in which edit lists are written.</param>
/// <param name="DurationTicks">Length on that timeline.</param>
public readonly record struct MovieHeaderBox(uint Timescale, ulong DurationTicks)
{
    /// <summary>Reads the body of the box.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out MovieHeaderBox box)
    {
        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        reader.Skip(3 + (version == 1 ? 16 : 8));
        var timescale = reader.ReadUInt32();
        var duration = version == 1 ? reader.ReadUInt64() : reader.ReadUInt32();
        box = new MovieHeaderBox(timescale, duration);
        return !reader.Failed;
    }
}
