using System.Buffers.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>A run of payload bytes in one of the files that an index refers to.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="LengthBytes">How long it is; more than 0.</param>
/// <param name="Source">0 for the asset's source file, 1 for the track's gathered file.</param>
public readonly record struct Extent(long Offset, int LengthBytes, int Source)
{
    /// <summary>Bytes that one extent takes in an index.</summary>
    public const int Size = 16;

    /// <summary>Reads one extent from its <see cref="Size"/> bytes, little-endian.</summary>
    public static Extent Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]));

    /// <summary>Writes the extent into <see cref="Size"/> bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Source);
    }
}
