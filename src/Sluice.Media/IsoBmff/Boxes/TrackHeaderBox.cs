using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>TrackHeaderBox <c>tkhd</c> (ISO/IEC 14496-12 section 8.3.2).</summary>
/// <param name="TrackId">Never 0 in a valid file.</param>
/// <param name="IsEnabled">Flag 0x1: the track takes part in the presentation.</param>
/// <param name="AlternateGroup">Tracks of one group other than 0 are alternatives to each other.</param>
/// <param name="Width">Presented width in 1/65536 pixels.</param>
/// <param name="Height">Presented height in 1/65536 pixels.</param>
/// <param name="RotationDegrees">0, 90, 180 or 270 clockwise from the matrix; null when the matrix does something else.</param>
/// <param name="Matrix">The 36 bytes of the matrix as they stand.</param>
public sealed record TrackHeaderBox(
    uint TrackId,
    bool IsEnabled,
    short AlternateGroup,
    uint Width,
    uint Height,
    int? RotationDegrees,
    byte[] Matrix)
{
    /// <summary>Reads the body of the box; null when it is cut off.</summary>
    public static TrackHeaderBox? TryParse(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        var flags = reader.ReadUInt24();
        reader.Skip(version == 1 ? 16 : 8);
        var trackId = reader.ReadUInt32();
        reader.Skip(4 + (version == 1 ? 8 : 4) + 8 + 2);
        var group = reader.ReadInt16();
        reader.Skip(4);
        var matrix = reader.ReadBytes(36);
        var width = reader.ReadUInt32();
        var height = reader.ReadUInt32();
        return reader.Failed
            ? null
            : new TrackHeaderBox(trackId, (flags & 1) == 1, group, width, height, RotationOf(matrix), matrix.ToArray());
    }

    /// <summary>The matrix that does nothing.</summary>
    public static ReadOnlySpan<byte> IdentityMatrix =>
    [
        0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0,
    ];

    private static int? RotationOf(ReadOnlySpan<byte> matrix)
    {
        var reader = new SpanReader(matrix);
        int a = reader.ReadInt32(), b = reader.ReadInt32();
        reader.Skip(4);
        int c = reader.ReadInt32(), d = reader.ReadInt32();
        return (Math.Sign(a), Math.Sign(b), Math.Sign(c), Math.Sign(d)) switch
        {
            (1, 0, 0, 1) => 0,
            (0, 1, -1, 0) => 90,
            (-1, 0, 0, -1) => 180,
            (0, -1, 1, 0) => 270,
            (0, 0, 0, 0) => 0,
            _ => null,
        };
    }
}
