using System.Buffers.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>One row of a track index: all that is known of one segment before a byte of it is read.</summary>
/// <param name="Timing">Where it lies in time.</param>
/// <param name="SizeBytes">Its exact size: head and payload.</param>
/// <param name="BlobOffset">Where in the index its head starts; its extents follow at once.</param>
/// <param name="HeadBytes">Length of the ready-made head (<c>styp</c>, <c>moof</c>, <c>mdat</c> header).</param>
/// <param name="ExtentCount">Number of extents.</param>
public readonly record struct SegmentEntry(
    SegmentTiming Timing, long SizeBytes, long BlobOffset, int HeadBytes, int ExtentCount)
{
    /// <summary>Bytes that one row takes.</summary>
    public const int Size = 40;

    /// <summary>Length of head and extents together.</summary>
    public int BlobBytes => HeadBytes + (ExtentCount * Extent.Size);

    /// <summary>Bytes of payload.</summary>
    public long PayloadBytes => SizeBytes - HeadBytes;

    /// <summary>Reads one row from its <see cref="Size"/> bytes, little-endian.</summary>
    public static SegmentEntry Read(ReadOnlySpan<byte> bytes) => new(
        new SegmentTiming(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]) + ReadPayload(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]));

    /// <summary>Writes the row into <see cref="Size"/> bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Timing.StartTicks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Timing.DurationTicks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], BlobOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], ExtentCount);
    }

    private static long ReadPayload(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
}
