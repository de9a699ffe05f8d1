using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>MediaHeaderBox <c>mdhd</c> (ISO/IEC 14496-12 section 8.4.2).</summary>
/// <param name="Timescale">Ticks in a second of this track's media; 0 in broken files.</param>
/// <param name="DurationTicks">Length as claimed.</param>
/// <param name="Language">ISO 639-2/T code as three letters, or null when undetermined or packed otherwise.</param>
public readonly record struct MediaHeaderBox(uint Timescale, ulong DurationTicks, string? Language)
{
    /// <summary>Reads the body of the box.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out MediaHeaderBox box)
    {
        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        reader.Skip(3 + (version == 1 ? 16 : 8));
        var timescale = reader.ReadUInt32();
        var duration = version == 1 ? reader.ReadUInt64() : reader.ReadUInt32();
        var packed = reader.ReadUInt16();
        box = new MediaHeaderBox(timescale, duration, Unpack(packed));
        return !reader.Failed;
    }

    private static string? Unpack(ushort packed)
    {
        Span<char> letters = stackalloc char[3];
        for (var i = 0; i < 3; i++)
        {
            letters[i] = (char)(0x60 + ((packed >> (10 - (5 * i))) & 0x1F));
            if (letters[i] is < 'a' or > 'z')
            {
                return null; // A QuickTime language number, or nothing.
            }
        }

        return letters is "und" or "mis" or "zxx" or "mul" ? null : new string(letters);
    }
}
