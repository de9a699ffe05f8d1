using Sluice.Media.Cmaf;
using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Deliver;

/// <summary>Where the segments of an arriving track lie: heads and extents in its growing index, the rest in the file that comes.</summary>
internal sealed class ArrivingSegmentFiles(ArrivingTitle title, ArrivingTrack track) : ISegmentFiles
{
    /// <inheritdoc />
    public ValueTask ReadBlobAsync(SegmentEntry entry, Memory<byte> blob, CancellationToken ct)
    {
        track.Index.Read(entry.BlobOffset, blob.Span[..entry.BlobBytes]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct)
    {
        title.ReadPayload(from.Offset, destination.Span);
        return ValueTask.CompletedTask;
    }
}
