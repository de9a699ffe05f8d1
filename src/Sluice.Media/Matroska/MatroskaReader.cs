using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>
/// Reads what a Matroska or WebM file says of itself (RFC 9559), by a few small reads: its head, and its Cues, wherever the
/// SeekHead says that they are.
/// <code>
/// EBML  Segment { SeekHead  Info  Tracks  …  Cluster  Cluster …  Cues }
///   1 head up to the first cluster        2 what the SeekHead names behind it
/// </code>
/// </summary>
public static class MatroskaReader
{
    private const int MostCues = 1 << 20;

    /// <summary>Whether a file that begins so is Matroska or WebM.</summary>
    public static bool Looks(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    /// <summary>Reads a file.</summary>
    /// <param name="source">The file, all of it.</param>
    /// <param name="problem">Why there is no answer, in words for a person; null when there is one.</param>
    public static MatroskaMovie? TryRead(IByteSource source, out string? problem)
    {
        var parts = new MatroskaHead();
        problem = parts.ReadHead(source) ?? parts.ReadBehind(source);
        if (problem is not null)
        {
            return null;
        }

        var leader = parts.Tracks!.Find(t => t.Kind == TrackKind.Video) ?? parts.Tracks.Find(t => t.Kind == TrackKind.Audio);
        if (leader is null)
        {
            problem = "it has neither video nor audio";
            return null;
        }

        return new MatroskaMovie(parts.Timescale, parts.Duration, parts.Title, parts.Tracks, CuesOf(parts, leader.Number), parts.FirstCluster);
    }

    private static List<MatroskaCue> CuesOf(MatroskaHead parts, ulong track)
    {
        var cues = new List<MatroskaCue>();
        var points = new EbmlChildren(parts.Cues);
        while (points.Next() && cues.Count < MostCues)
        {
            if (points.Id == MatroskaId.CuePoint && PointOf(points.Body, track) is { } point)
            {
                cues.Add(new MatroskaCue(point.Time, parts.SegmentBody + point.Position));
            }
        }

        return [.. cues.Where(c => c.ClusterOffset >= parts.FirstCluster && c.ClusterOffset < parts.Length)
            .OrderBy(c => c.Timestamp).DistinctBy(c => c.Timestamp)];
    }

    private static (long Time, long Position)? PointOf(ReadOnlySpan<byte> body, ulong track)
    {
        (long Time, long Position)? found = null;
        var time = 0L;
        var children = new EbmlChildren(body);
        while (children.Next())
        {
            if (children.Id == MatroskaId.CueTime)
            {
                time = MatroskaHead.Bounded(children.UInt);
            }
            else if (children.Id == MatroskaId.CueTrackPositions)
            {
                ulong of = 0, position = 0;
                var fields = new EbmlChildren(children.Body);
                while (fields.Next())
                {
                    switch (fields.Id)
                    {
                        case MatroskaId.CueTrack: of = fields.UInt; break;
                        case MatroskaId.CueClusterPosition: position = fields.UInt; break;
                        default: break;
                    }
                }

                found ??= of == track ? (time, MatroskaHead.Bounded(position)) : null;
            }
        }

        return found is { } point ? (time, point.Position) : null;
    }
}
