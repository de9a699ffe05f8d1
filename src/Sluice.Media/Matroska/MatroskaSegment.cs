using Sluice.Media.Cmaf;

namespace Sluice.Media.Matroska;

/// <summary>One CMAF segment that lies in a Matroska file: its head, and where its payload is.</summary>
/// <param name="Timing">Where it lies in time.</param>
/// <param name="Head"><c>styp</c>, <c>moof</c> and the header of <c>mdat</c>.</param>
/// <param name="Extents">Its payload, in order: <see cref="Extent.Source"/> 0 is the file, 1 what the file leaves out of every frame of the track
/// (<see cref="MatroskaTrack.Stripped"/>).</param>
/// <param name="PayloadBytes">Length of the payload; 0 when the segment has nothing of its track.</param>
public sealed record MatroskaSegment(SegmentTiming Timing, ReadOnlyMemory<byte> Head, IReadOnlyList<Extent> Extents, long PayloadBytes)
{
    /// <summary>Head and extents as they lie together in a track index.</summary>
    public byte[] ToBlob()
    {
        var blob = new byte[Entry.BlobBytes];
        Head.Span.CopyTo(blob);
        for (var i = 0; i < Extents.Count; i++)
        {
            Extents[i].WriteTo(blob.AsSpan(Head.Length + (i * Extent.Size)));
        }

        return blob;
    }

    /// <summary>Its row, as one of an index that has nothing but its blob.</summary>
    public SegmentEntry Entry => new(Timing, Head.Length + PayloadBytes, 0, Head.Length, Extents.Count);
}
