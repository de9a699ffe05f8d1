using Sluice.Media.Cmaf;
using Sluice.Server.Package.Making;

namespace Sluice.Server.Deliver;

/// <summary>Segments that are made when they are wanted: heads that nobody keeps, and a payload that lies in the asset's source.</summary>
internal sealed class MadeSource(ISegmentMaker maker) : ISegmentSource
{
    /// <inheritdoc />
    public async ValueTask<StoredSegment> OpenAsync(StoredTrack track, int number, SegmentTiming timing, CancellationToken ct)
    {
        var made = await maker.MakeAsync(track.Summary.Id, number, ct);
        return made.Problem is null
            ? new StoredSegment(new Files(track, made), made.Entry)
            : throw new ChunkAbsentException($"It cannot be played here: {made.Problem}.", 0);
    }

    private sealed class Files(ISegmentFiles source, MadeSegment made) : ISegmentFiles
    {
        public ValueTask ReadBlobAsync(SegmentEntry entry, Memory<byte> blob, CancellationToken ct)
        {
            made.Blob.CopyTo(blob);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct)
        {
            if (from.Source == 0)
            {
                return source.ReadPayloadAsync(from, destination, ct);
            }

            made.Repeated.Slice((int)from.Offset, destination.Length).CopyTo(destination);
            return ValueTask.CompletedTask;
        }

        public ValueTask PrepareAsync(ReadOnlyMemory<byte> extents, CancellationToken ct) => source.PrepareAsync(extents, ct);
    }
}
