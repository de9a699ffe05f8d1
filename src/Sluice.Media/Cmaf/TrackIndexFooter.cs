using System.Buffers.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The last 64 bytes of a track index, from which all the rest is found. A footer, not a header, so that an index is
/// written front to back; a file that was cut off has none and is no index.
/// <code>
///   blobs      per segment: head (styp, moof, mdat header), then its extents
///   table      SegmentCount rows of <see cref="SegmentEntry.Size"/> bytes
///   init       the CMAF header
///   summary    <see cref="TrackSummary"/> as UTF-8 JSON
///   footer     64 bytes, little-endian
/// </code>
/// </summary>
/// <param name="SegmentCount">Rows in the table.</param>
/// <param name="TableOffset">Where the table starts.</param>
/// <param name="InitOffset">Where the init segment starts.</param>
/// <param name="InitBytes">Its length.</param>
/// <param name="SummaryOffset">Where the summary starts.</param>
/// <param name="SummaryBytes">Its length.</param>
public readonly record struct TrackIndexFooter(
    int SegmentCount, long TableOffset, long InitOffset, int InitBytes, long SummaryOffset, int SummaryBytes)
{
    /// <summary>Length of the footer.</summary>
    public const int Size = 64;

    /// <summary>A summary or init segment longer than this is no honest one.</summary>
    public const int LargestPart = 4 << 20;

    private const uint FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => "SLUICEIX"u8;

    /// <summary>Reads the footer; false when it is none, is of another format version, or points outside the file.</summary>
    /// <param name="bytes">The last <see cref="Size"/> bytes of the file.</param>
    /// <param name="fileLength">Length of the whole file.</param>
    /// <param name="footer">What was read.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, long fileLength, out TrackIndexFooter footer)
    {
        footer = default;
        if (bytes.Length != Size || !bytes[56..].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..]) != FormatVersion)
        {
            return false;
        }

        footer = new TrackIndexFooter(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]));
        var f = footer;
        return f.SegmentCount > 0
            && Inside(f.TableOffset, (long)f.SegmentCount * SegmentEntry.Size)
            && f.InitBytes <= LargestPart && Inside(f.InitOffset, f.InitBytes)
            && f.SummaryBytes <= LargestPart && Inside(f.SummaryOffset, f.SummaryBytes);

        bool Inside(long offset, long length) => offset >= 0 && length >= 0 && offset <= fileLength - Size - length;
    }

    /// <summary>Where row <paramref name="number"/>, from 1, lies in the file.</summary>
    public long RowOffset(int number) => TableOffset + ((long)(number - 1) * SegmentEntry.Size);

    /// <summary>The summary of this index from its bytes; null when it is none, or of another index.</summary>
    public TrackSummary? ReadSummary(ReadOnlySpan<byte> json) =>
        TrackSummaryJson.TryRead(json) is { } summary && summary.SegmentCount == SegmentCount ? summary : null;

    /// <summary>Whether head and extents of a row lie where blobs do: before the table. A damaged row is not believed.</summary>
    public bool Holds(in SegmentEntry entry) =>
        entry is { HeadBytes: >= 0, ExtentCount: >= 0, BlobOffset: >= 0 }
        && entry.HeadBytes + ((long)entry.ExtentCount * Extent.Size) <= TableOffset - entry.BlobOffset;

    /// <summary>Writes the footer into <see cref="Size"/> bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, SegmentCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], TableOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], InitOffset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], InitBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], SummaryOffset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], SummaryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[52..], FormatVersion);
        Magic.CopyTo(bytes[56..]);
    }
}
