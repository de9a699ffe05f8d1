using System.Buffers;
using System.IO.Pipelines;
using Sluice.Media.Cmaf;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends CMAF segments.
/// <code>
///   1 row of the table ──► size, ETag: the answer's head      (HEAD, 304 and 416 end here)
///   2 head and extents, one read of the index
///   3 head bytes, then extent after extent, read straight into the response's own memory
/// </code>
/// Nothing here grows with the title or, but for its extents, with the segment.
/// </summary>
internal static class SegmentDelivery
{
    /// <summary>Bytes read at a time; measured best between 32 and 128 KiB on loopback.</summary>
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Sends segment <paramref name="number"/> of a track; false when there is none.</summary>
    public static async Task<bool> SendAsync(HttpContext context, OpenAsset asset, StoredTrack track, int number)
    {
        var ct = context.RequestAborted;
        // :: Step 1
        if (await track.FindAsync(number, ct) is not { } entry)
        {
            return false;
        }

        var contentType = track.Summary.Kind == Media.IsoBmff.TrackKind.Video ? "video/mp4" : "audio/mp4";
        var etag = $"\"{asset.Version}-{track.Summary.Id}-{number}\"";
        var range = Representation.Begin(context, contentType, Representation.Immutable, entry.SizeBytes, etag);
        if (range.Length == 0)
        {
            return true;
        }

        // :: Step 2
        using var blob = new PooledBytes(entry.BlobBytes);
        await track.ReadBlobAsync(entry, blob.Memory, ct);

        // :: Step 3
        await WriteAsync(context.Response.BodyWriter, track, entry, blob.Memory, range, ct);
        return true;
    }

    private static async Task WriteAsync(
        PipeWriter output, StoredTrack track, SegmentEntry entry, ReadOnlyMemory<byte> blob, ByteRange range, CancellationToken ct)
    {
        var skip = range.Start;
        var left = range.Length;
        if (skip < entry.HeadBytes)
        {
            var head = blob.Slice((int)skip, (int)Math.Min(left, entry.HeadBytes - skip));
            output.Write(head.Span);
            left -= head.Length;
            skip = 0;
        }
        else
        {
            skip -= entry.HeadBytes;
        }

        var extents = new ExtentCursor(blob[entry.HeadBytes..], skip);
        while (left > 0)
        {
            var memory = output.GetMemory((int)Math.Min(left, ChunkBytes));
            var wanted = (int)Math.Min(left, Math.Min(memory.Length, ChunkBytes));
            var filled = 0;
            while (filled < wanted && extents.TryPeek(out var extent, out var within))
            {
                var read = await track.ReadPayloadAsync(
                    extent, within, memory[filled..Math.Min(wanted, filled + extent.LengthBytes - within)], ct);
                if (read <= 0)
                {
                    throw new InvalidDataException("The media file is shorter than its index says.");
                }

                filled += read;
                extents.Advance(read);
            }

            if (filled == 0)
            {
                throw new InvalidDataException("The segment's extents end before its size does.");
            }

            output.Advance(filled);
            left -= filled;
            var flushed = await output.FlushAsync(ct);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return; // The client is gone.
            }
        }
    }

    /// <summary>Walks the extents of a blob, starting some payload bytes in.</summary>
    private struct ExtentCursor(ReadOnlyMemory<byte> extents, long skip)
    {
        private int _position;
        private long _within = skip;

        public bool TryPeek(out Extent extent, out int within)
        {
            while (_position < extents.Length)
            {
                extent = Extent.Read(extents.Span[_position..]);
                if (_within < extent.LengthBytes)
                {
                    within = (int)_within;
                    return true;
                }

                _within -= extent.LengthBytes;
                _position += Extent.Size;
            }

            extent = default;
            within = 0;
            return false;
        }

        public void Advance(int bytes) => _within += bytes;
    }
}
