using Sluice.Media.Cmaf;

namespace Sluice.Server.Deliver;

/// <summary>
/// Reads a segment's payload front to back. Recorders interleave: between two pictures lies a little sound. Reading
/// over such a gap and closing it in memory costs less than a read for each piece:
/// <code>
///   file     VVVVVVaVVVVaVVVVVVV      one read of the whole run
///   memory   VVVVVVVVVVVVVVVVV        pieces moved to the left, over the gaps
/// </code>
/// </summary>
/// <param name="segment">Whose payload.</param>
/// <param name="extents">The segment's extents as they stand in the index.</param>
/// <param name="skip">Payload bytes to pass over.</param>
internal sealed class PayloadReader(StoredSegment segment, ReadOnlyMemory<byte> extents, long skip)
{
    /// <summary>Widest gap that is read over: copying this much costs about what a call into the kernel does.</summary>
    private const int WidestGap = 4096;

    private ReadOnlyMemory<byte> _extents = extents;
    private long _within = skip;

    /// <summary>Reads on into <paramref name="destination"/>.</summary>
    /// <returns>Payload bytes at its start, at least one; 0 when all has been read. What lies behind them is undefined.</returns>
    /// <exception cref="InvalidDataException">The payload file is shorter than the index says.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        if (destination.IsEmpty || !TryPeek(out var first))
        {
            return 0;
        }

        var run = RunLength(first, destination.Length);
        await segment.ReadPayloadAsync(first, destination[..run], ct);
        return Close(first, destination.Span[..run]);
    }

    /// <summary>What is left of the current extent.</summary>
    private bool TryPeek(out Extent rest)
    {
        for (; !_extents.IsEmpty; _extents = _extents[Extent.Size..])
        {
            var extent = Extent.Read(_extents.Span);
            if (_within < extent.LengthBytes)
            {
                rest = new Extent(extent.Offset + _within, extent.LengthBytes - (int)_within, extent.Source);
                return true;
            }

            _within -= extent.LengthBytes;
        }

        rest = default;
        return false;
    }

    /// <summary>Bytes of the file, gaps included, that are worth one read. It ends with a piece, not with a gap.</summary>
    private int RunLength(Extent first, int room)
    {
        var length = Math.Min(first.LengthBytes, room);
        for (var next = _extents.Span[Extent.Size..]; length < room && !next.IsEmpty; next = next[Extent.Size..])
        {
            var extent = Extent.Read(next);
            var gap = extent.Offset - (first.Offset + length);
            if (extent.Source != first.Source || gap is < 0 or > WidestGap || length + gap >= room)
            {
                break;
            }

            length = (int)Math.Min(length + gap + extent.LengthBytes, room);
        }

        return length;
    }

    /// <summary>Moves the pieces of a run together and goes on behind them.</summary>
    private int Close(Extent first, Span<byte> run)
    {
        int filled = 0, end = 0;
        while (end < run.Length && TryPeek(out var rest) && rest.Source == first.Source)
        {
            // By the same rule as the run was made: only what follows in the file.
            var at = rest.Offset - first.Offset;
            if (at < end || at >= run.Length)
            {
                break;
            }

            var length = Math.Min(rest.LengthBytes, run.Length - (int)at);
            if (at != filled)
            {
                run.Slice((int)at, length).CopyTo(run[filled..]);
            }

            filled += length;
            _within += length;
            end = (int)at + length;
        }

        return filled;
    }
}
