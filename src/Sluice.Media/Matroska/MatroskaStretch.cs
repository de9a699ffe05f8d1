using Sluice.Media.Binary;

namespace Sluice.Media.Matroska;

/// <summary>
/// The frames of one segment of all tracks, where they lie. In the file it is from its own keyframe to the next segment's: every frame of every
/// track is in exactly one, be the tracks interleaved as they may.
/// </summary>
public sealed class MatroskaStretch
{
    /// <summary>More frames than any segment has; a bound for hostile files.</summary>
    private const int MostFrames = 1 << 18;

    /// <summary>Bytes of a cluster that may lie before the keyframe for which a cue names it. Muxers begin one at least every few seconds.</summary>
    private const long MostBefore = 32 << 20;

    private const string Absent = "its index (Cues) names keyframes that are not there";

    private readonly Dictionary<ulong, List<MatroskaFrame>> _frames = [];

    private MatroskaStretch(int number, MatroskaCut cut) => (Number, Cut) = (number, cut);

    /// <summary>Number of the segment, from 1.</summary>
    public int Number { get; }

    /// <summary>Frames of all tracks: what it takes in memory.</summary>
    public int FrameCount { get; private set; }

    internal MatroskaCut Cut { get; }

    internal IEnumerable<(ulong Track, List<MatroskaFrame> Frames)> All => _frames.Select(f => (f.Key, f.Value));

    /// <summary>The frames of one track, in the order of the file, which is that of decoding.</summary>
    internal List<MatroskaFrame> Of(ulong track) => _frames.GetValueOrDefault(track) ?? [];

    /// <summary>One pass over the heads of the blocks.</summary>
    /// <param name="source">The file.</param>
    /// <param name="number">Number of the segment, from 1; what lies before the first one's keyframe is of it.</param>
    /// <param name="cut">The segment.</param>
    /// <param name="isLast">It is the last: it goes on to the end of the clusters.</param>
    /// <param name="leader">TrackNumber of the track whose keyframes the cuts are.</param>
    /// <param name="problem">Why there is no answer, in words for a person.</param>
    internal static MatroskaStretch? TryRead(IByteSource source, int number, MatroskaCut cut, bool isLast, ulong leader, out string? problem)
    {
        var stretch = new MatroskaStretch(number, cut);
        var reader = new MatroskaFrameReader(source, cut.Offset, cut.NextOffset + MostBefore);
        var isInside = number == 1;
        problem = null;
        while (reader.TryRead(out var frame))
        {
            if (frame is { IsKey: true, Lace: 0 } && frame.Track == leader)
            {
                if (!isLast && isInside && frame.Timestamp == cut.EndTicks)
                {
                    return stretch;
                }

                isInside |= frame.Timestamp == cut.StartTicks;
            }

            if (!isInside && reader.Position > cut.Offset + MostBefore)
            {
                break;
            }

            if (isInside && !stretch.TryAdd(frame))
            {
                problem = "a segment of it has more frames than a film";
                return null;
            }
        }

        if (isLast && isInside)
        {
            return stretch; // Cut off in the middle of the last segment: what there is plays.
        }

        problem = reader.Problem ?? Absent;
        return null;
    }

    private bool TryAdd(MatroskaFrame frame)
    {
        if (FrameCount == MostFrames)
        {
            return false;
        }

        FrameCount++;
        if (!_frames.TryGetValue(frame.Track, out var frames))
        {
            _frames[frame.Track] = frames = [];
        }

        frames.Add(frame);
        return true;
    }
}
