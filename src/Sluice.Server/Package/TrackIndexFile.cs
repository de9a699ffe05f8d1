using Sluice.Media.Cmaf;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>All of a stored track index but its blobs.</summary>
/// <param name="Footer">Where its parts lie.</param>
/// <param name="Summary">What manifests say of the track.</param>
/// <param name="Init">The CMAF header.</param>
/// <param name="Rows">One per segment, in order.</param>
internal sealed record TrackIndexFile(TrackIndexFooter Footer, TrackSummary Summary, byte[] Init, SegmentEntry[] Rows)
{
    /// <summary>Reads an index; null when the file is none.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than it says.</exception>
    public static async Task<TrackIndexFile?> ReadAsync(IObjectReader index, CancellationToken ct)
    {
        var last = new byte[TrackIndexFooter.Size];
        if (index.Length < last.Length || !await index.ReadAllAsync(index.Length - last.Length, last, ct)
            || !TrackIndexFooter.TryRead(last, index.Length, out var footer)
            || footer.ReadSummary(await PartAsync(index, footer.SummaryOffset, footer.SummaryBytes, ct)) is not { } summary)
        {
            return null;
        }

        var init = await PartAsync(index, footer.InitOffset, footer.InitBytes, ct);
        var table = await PartAsync(index, footer.TableOffset, footer.SegmentCount * SegmentEntry.Size, ct);
        var rows = new SegmentEntry[footer.SegmentCount];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = SegmentEntry.Read(table.AsSpan(i * SegmentEntry.Size));
        }

        return new TrackIndexFile(footer, summary, init, rows);
    }

    /// <summary>Head and extents of one row.</summary>
    public static Task<byte[]> BlobAsync(IObjectReader index, SegmentEntry row, CancellationToken ct) =>
        PartAsync(index, row.BlobOffset, row.BlobBytes, ct);

    private static async Task<byte[]> PartAsync(IObjectReader index, long offset, int length, CancellationToken ct)
    {
        var part = new byte[length];
        return await index.ReadAllAsync(offset, part, ct) ? part : throw new InvalidDataException("The track index is shorter than it says.");
    }
}
