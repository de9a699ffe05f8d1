using System.Runtime.InteropServices;
using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>Writes one track index front to back. See <see cref="TrackIndexFooter"/> for the layout.</summary>
/// <param name="sink">Takes the index.</param>
/// <param name="expectedSegments">About how many there will be: their rows then need not move to make room.</param>
public sealed class TrackIndexWriter(IByteSink sink, long expectedSegments = 0)
{
    /// <summary>Rows that are made room for unseen: 27 hours.</summary>
    private const int MostExpected = 1 << 14;

    /// <summary>More segments than 60 days of one second each would be a damaged timeline.</summary>
    public const int MostSegments = 1 << 23;

    private readonly List<SegmentEntry> _entries = new((int)Math.Clamp(expectedSegments, 0, MostExpected));
    private long _position;

    /// <summary>Rows written so far.</summary>
    public IReadOnlyList<SegmentEntry> Entries => _entries;

    /// <summary>Appends one segment.</summary>
    /// <param name="timing">Where it lies in time.</param>
    /// <param name="head">Its ready-made head.</param>
    /// <param name="extents">Where its payload lies, in order.</param>
    /// <param name="payloadBytes">Sum of the extents' lengths.</param>
    public void Append(SegmentTiming timing, ReadOnlySpan<byte> head, ReadOnlySpan<Extent> extents, long payloadBytes)
    {
        _entries.Add(new SegmentEntry(timing, head.Length + payloadBytes, _position, head.Length, extents.Length));
        Write(head);
        Span<byte> buffer = stackalloc byte[Extent.Size * 64];
        while (!extents.IsEmpty)
        {
            var count = Math.Min(64, extents.Length);
            for (var i = 0; i < count; i++)
            {
                extents[i].WriteTo(buffer[(i * Extent.Size)..]);
            }

            Write(buffer[..(count * Extent.Size)]);
            extents = extents[count..];
        }
    }

    /// <summary>Writes table, init segment, summary and footer. Nothing is appended after it.</summary>
    public void Finish(ReadOnlySpan<byte> init, TrackSummary summary)
    {
        var tableOffset = _position;
        Span<byte> row = stackalloc byte[SegmentEntry.Size];
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(_entries))
        {
            entry.WriteTo(row);
            Write(row);
        }

        var initOffset = _position;
        Write(init);
        var summaryOffset = _position;
        var json = TrackSummaryJson.Write(summary);
        Write(json);
        Span<byte> footer = stackalloc byte[TrackIndexFooter.Size];
        new TrackIndexFooter(_entries.Count, tableOffset, initOffset, init.Length, summaryOffset, json.Length).WriteTo(footer);
        Write(footer);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        sink.Write(bytes);
        _position += bytes.Length;
    }
}
