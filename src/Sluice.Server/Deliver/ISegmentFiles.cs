using Sluice.Media.Cmaf;

namespace Sluice.Server.Deliver;

/// <summary>The files that the segments of one track lie in.</summary>
internal interface ISegmentFiles
{
    /// <summary>Reads head and extents of a segment into <paramref name="blob"/>, <see cref="SegmentEntry.BlobBytes"/> long.</summary>
    ValueTask ReadBlobAsync(SegmentEntry entry, Memory<byte> blob, CancellationToken ct);

    /// <summary>Fills <paramref name="destination"/> from where <paramref name="from"/> starts in its file, be it beyond its end.</summary>
    /// <exception cref="InvalidDataException">The file is not there or is shorter.</exception>
    ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct);

    /// <summary>Makes sure that a payload can be read, which is a question only of files that lie elsewhere.</summary>
    /// <param name="extents">As they stand in a segment's blob.</param>
    /// <param name="ct">Cancels it.</param>
    /// <exception cref="Store.SourceUnavailableException">It cannot.</exception>
    ValueTask PrepareAsync(ReadOnlyMemory<byte> extents, CancellationToken ct) => ValueTask.CompletedTask;
}
