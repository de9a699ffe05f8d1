namespace Sluice.Server.Deliver;

/// <summary>Reads a segment front to back: its head, which is here already, then its payload.</summary>
/// <param name="segment">Which.</param>
/// <param name="blob">Its head and extents.</param>
/// <param name="skip">Bytes of the segment to pass over.</param>
internal sealed class SegmentBytes(StoredSegment segment, ReadOnlyMemory<byte> blob, long skip)
{
    private readonly PayloadReader _payload =
        new(segment, blob[segment.Entry.HeadBytes..], Math.Max(0, skip - segment.Entry.HeadBytes));

    private ReadOnlyMemory<byte> _head = blob[(int)Math.Min(skip, segment.Entry.HeadBytes)..segment.Entry.HeadBytes];

    /// <summary>Reads on into <paramref name="destination"/>. Head and media come together: what is read goes out, and were the media gone now, the
    /// error would follow half a segment.</summary>
    /// <returns>Bytes at its start, most of it unless the segment ends.</returns>
    /// <exception cref="InvalidDataException">There are no more.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        var filled = Math.Min(_head.Length, destination.Length);
        _head[..filled].CopyTo(destination);
        _head = _head[filled..];
        while (filled < destination.Length - (destination.Length / 4) && await _payload.ReadAsync(destination[filled..], ct) is > 0 and var read)
        {
            filled += read;
        }

        return filled > 0 ? filled : throw new InvalidDataException("The segment's extents end before its size does.");
    }
}
