using System.Buffers;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>
/// Copies the payload of a finely interleaved track together, so that a segment of it is one read: a recorder puts a
/// frame of sound between two pictures, which makes a six-second audio segment some 280 pieces. The new index says the
/// same of every segment but where its payload lies; not a byte that is served changes.
/// </summary>
internal static class TrackGathering
{
    /// <summary>Pieces shorter than this on average are gathered: below it the reads cost more than the bytes.</summary>
    private const int ShortPieceBytes = 16 * 1024;

    private const int BufferBytes = 128 * 1024;

    /// <summary>Writes the gathered payload and the index that refers to it.</summary>
    /// <param name="source">The asset's source file.</param>
    /// <param name="index">The track's index as it was compiled.</param>
    /// <param name="room">Bytes that the gathered payload may take.</param>
    /// <param name="paths">Where payload and index go, in this order; only asked for when the track is to be gathered.</param>
    /// <param name="ct">Stops between segments.</param>
    /// <returns>False when there is nothing to gain: the track is no audio, lies together, or is gathered already; or no room.</returns>
    public static async Task<bool> RunAsync(
        IObjectReader source, IObjectReader index, long room, Func<(string Payload, string Index)> paths, CancellationToken ct)
    {
        if (await TrackIndexFile.ReadAsync(index, ct) is not { Summary.Kind: TrackKind.Audio } whole)
        {
            return false;
        }

        var rows = whole.Rows;
        var (payload, pieces) = Sum(rows);
        if (payload > room || payload >= pieces * ShortPieceBytes || await IsGatheredAsync(index, rows[0], ct))
        {
            return false;
        }

        var (payloadPath, indexPath) = paths();
        using var sink = new FileByteSink(indexPath);
        await using var file = new FileStream(payloadPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        var writer = new TrackIndexWriter(sink);
        var blob = Array.Empty<byte>(); // One for all: thousands of short-lived ones would be most of the server's memory.
        foreach (var entry in rows)
        {
            ct.ThrowIfCancellationRequested();
            blob = blob.Length < entry.BlobBytes ? new byte[entry.BlobBytes * 2] : blob;
            await RequireAsync(index, entry.BlobOffset, blob.AsMemory(0, entry.BlobBytes), ct);
            var start = file.Position;
            await CopyAsync(source, blob.AsMemory(entry.HeadBytes..entry.BlobBytes), file, ct);
            writer.Append(
                entry.Timing, blob.AsSpan(0, entry.HeadBytes), [new Extent(start, checked((int)entry.PayloadBytes), 1)], entry.PayloadBytes);
        }

        writer.Finish(whole.Init, whole.Summary);
        sink.Complete();
        return true;
    }

    private static (long Payload, long Pieces) Sum(SegmentEntry[] rows) =>
        (rows.Sum(r => r.PayloadBytes), rows.Sum(r => (long)r.ExtentCount));

    private static async Task<bool> IsGatheredAsync(IObjectReader index, SegmentEntry first, CancellationToken ct) =>
        first.ExtentCount > 0
        && Extent.Read((await TrackIndexFile.BlobAsync(index, first, ct)).AsSpan(first.HeadBytes)).Source != 0;

    private static async Task CopyAsync(IObjectReader source, ReadOnlyMemory<byte> extents, FileStream file, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (; !extents.IsEmpty; extents = extents[Extent.Size..])
            {
                var extent = Extent.Read(extents.Span);
                for (var done = 0; done < extent.LengthBytes;)
                {
                    var part = buffer.AsMemory(0, Math.Min(BufferBytes, extent.LengthBytes - done));
                    if (!await source.ReadAllAsync(extent.Offset + done, part, ct))
                    {
                        throw new InvalidDataException("The media file is shorter than its index says.");
                    }

                    await file.WriteAsync(part, ct);
                    done += part.Length;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task RequireAsync(IObjectReader index, long offset, Memory<byte> destination, CancellationToken ct)
    {
        if (!await index.ReadAllAsync(offset, destination, ct))
        {
            throw new InvalidDataException("The track index is shorter than it says.");
        }
    }
}
