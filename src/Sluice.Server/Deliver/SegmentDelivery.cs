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
        using var segment = await track.FindAsync(number, ct);
        if (segment is null)
        {
            return false;
        }

        await SendAsync(context, asset.Version, track.Summary, number, segment);
        return true;
    }

    /// <summary>Sends the init segment of a track.</summary>
    public static async Task SendInitAsync(HttpContext context, string version, TrackSummary track, ReadOnlyMemory<byte> init)
    {
        var etag = $"\"{version}-{track.Id}-init\"";
        var range = Representation.Begin(context, TypeOf(track), Representation.Immutable, init.Length, etag);
        if (range.Length > 0)
        {
            await context.Response.BodyWriter.WriteAsync(init.Slice((int)range.Start, (int)range.Length), context.RequestAborted);
        }
    }

    /// <summary>Sends a segment that was found.</summary>
    public static async Task SendAsync(HttpContext context, string version, TrackSummary track, int number, StoredSegment segment)
    {
        var ct = context.RequestAborted;
        var entry = segment.Entry;
        var etag = $"\"{segment.Tag($"{version}-{track.Id}-{number}")}\"";
        var range = Representation.Begin(context, TypeOf(track), Representation.Immutable, entry.SizeBytes, etag);
        if (range.Length == 0)
        {
            return;
        }

        // :: Step 2
        using var blob = new PooledBytes(entry.BlobBytes);
        await segment.ReadBlobAsync(blob.Memory, ct);
        await segment.PrepareAsync(blob.Memory[entry.HeadBytes..], ct);

        // :: Step 3
        await WriteAsync(context.Response.BodyWriter, segment, blob.Memory, range, ct);
    }

    private static string TypeOf(TrackSummary track) => track.Kind == Media.IsoBmff.TrackKind.Video ? "video/mp4" : "audio/mp4";

    private static async Task WriteAsync(
        PipeWriter output, StoredSegment segment, ReadOnlyMemory<byte> blob, ByteRange range, CancellationToken ct)
    {
        var entry = segment.Entry;
        var left = range.Length;
        var head = blob[(int)Math.Min(range.Start, entry.HeadBytes)..entry.HeadBytes];
        var payload = new PayloadReader(segment, blob[entry.HeadBytes..], Math.Max(0, range.Start - entry.HeadBytes));
        while (left > 0)
        {
            var memory = output.GetMemory((int)Math.Min(left, ChunkBytes));
            var wanted = (int)Math.Min(left, Math.Min(memory.Length, ChunkBytes));

            // Head and media advance together: what is advanced goes out, and were the media gone now, the error would follow half a segment.
            var filled = Math.Min(head.Length, wanted);
            head[..filled].CopyTo(memory);
            head = head[filled..];
            while (filled < wanted - (wanted / 4) && await payload.ReadAsync(memory[filled..wanted], ct) is > 0 and var read)
            {
                filled += read;
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
}
