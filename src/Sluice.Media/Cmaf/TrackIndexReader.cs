using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>Reads a track index by range; nothing but the summary and the init segment is held.</summary>
public sealed class TrackIndexReader
{
    private readonly IByteSource _source;
    private readonly TrackIndexFooter _footer;

    private TrackIndexReader(IByteSource source, TrackIndexFooter footer, TrackSummary summary, byte[] init)
    {
        _source = source;
        _footer = footer;
        Summary = summary;
        Init = init;
    }

    /// <summary>What the manifests say of the track.</summary>
    public TrackSummary Summary { get; }

    /// <summary>The CMAF header.</summary>
    public ReadOnlyMemory<byte> Init { get; }

    /// <summary>Number of segments.</summary>
    public int SegmentCount => _footer.SegmentCount;

    /// <summary>Opens an index; null when the bytes are none.</summary>
    public static TrackIndexReader? TryOpen(IByteSource source)
    {
        var last = new byte[TrackIndexFooter.Size];
        if (source.Length < last.Length || !source.TryFill(source.Length - last.Length, last)
            || !TrackIndexFooter.TryRead(last, source.Length, out var footer))
        {
            return null;
        }

        var init = new byte[footer.InitBytes];
        var json = new byte[footer.SummaryBytes];
        return source.TryFill(footer.InitOffset, init) && source.TryFill(footer.SummaryOffset, json)
            && footer.ReadSummary(json) is { } summary
            ? new TrackIndexReader(source, footer, summary, init)
            : null;
    }

    /// <summary>Row <paramref name="number"/>, from 1; null when there is no such segment or it cannot be read.</summary>
    public SegmentEntry? ReadEntry(int number)
    {
        if (number < 1 || number > SegmentCount)
        {
            return null;
        }

        Span<byte> row = stackalloc byte[SegmentEntry.Size];
        return _source.TryFill(_footer.RowOffset(number), row) ? SegmentEntry.Read(row) : null;
    }

    /// <summary>All timings, for a manifest: one pass over the table.</summary>
    public SegmentTiming[] ReadTimings()
    {
        var timings = new SegmentTiming[SegmentCount];
        var rows = new byte[SegmentEntry.Size * Math.Min(SegmentCount, 512)];
        for (var done = 0; done < timings.Length;)
        {
            var count = Math.Min(512, timings.Length - done);
            var chunk = rows.AsSpan(0, count * SegmentEntry.Size);
            if (!_source.TryFill(_footer.RowOffset(done + 1), chunk))
            {
                throw new InvalidDataException("The track index is shorter than its footer says.");
            }

            for (var i = 0; i < count; i++)
            {
                timings[done + i] = SegmentEntry.Read(chunk[(i * SegmentEntry.Size)..]).Timing;
            }

            done += count;
        }

        return timings;
    }

    /// <summary>Head and extents of one segment, as they lie together: <see cref="SegmentEntry.BlobBytes"/> bytes; null
    /// when they do not lie before the table.</summary>
    public byte[]? ReadBlob(in SegmentEntry entry)
    {
        if (!_footer.Holds(entry))
        {
            return null;
        }

        var blob = new byte[entry.BlobBytes];
        return _source.TryFill(entry.BlobOffset, blob) ? blob : null;
    }
}
