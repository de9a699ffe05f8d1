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

        if (asset.Secret is { } secret)
        {
            var id = track.Summary.Id;
            await EncryptedDelivery.SendAsync(context, TypeOf(track.Summary), EtagOf(asset.Version, id, number, segment), segment, secret, id, number);
            return true;
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
        var etag = EtagOf(version, track.Id, number, segment);
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

    /// <summary>Media type of a track's init segment and segments.</summary>
    public static string TypeOf(TrackSummary track) => track.Kind == Media.IsoBmff.TrackKind.Video ? "video/mp4" : "audio/mp4";

    private static string EtagOf(string version, string track, int number, StoredSegment segment) => $"\"{segment.Tag($"{version}-{track}-{number}")}\"";

    private static async Task WriteAsync(
        PipeWriter output, StoredSegment segment, ReadOnlyMemory<byte> blob, ByteRange range, CancellationToken ct)
    {
        var bytes = new SegmentBytes(segment, blob, range.Start);
        for (var left = range.Length; left > 0;)
        {
            var memory = output.GetMemory((int)Math.Min(left, ChunkBytes));
            var filled = await bytes.ReadAsync(memory[..(int)Math.Min(left, Math.Min(memory.Length, ChunkBytes))], ct);
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
