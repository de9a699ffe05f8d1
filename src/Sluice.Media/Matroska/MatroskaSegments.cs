using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>
/// CMAF segments straight out of a Matroska or WebM file: which there are is known from its Cues; what is in one, from a pass over the heads of the
/// blocks between two keyframes, once for all tracks. Nothing else of the file is read, and nothing is copied: a segment is a head and extents.
/// <code>
/// Cues → cut table → manifests       clusters between two cuts → stretch → frames of a track → samples → head + extents
/// </code>
/// The same request makes the same bytes. Safe for concurrent use.
/// </summary>
public sealed class MatroskaSegments
{
    private const uint TrackId = 1;

    /// <summary>Bytes between two cuts: minutes of video at any rate that anybody serves; a bound for files with too few cues, and for hostile ones.</summary>
    private const long MostStretchBytes = 256 << 20;

    /// <summary>A second segment is looked at before anything plays when it costs no more than this.</summary>
    private const long SecondLookBytes = 4 << 20;

    private readonly ulong _leader;
    private readonly MatroskaTracks _learned;

    private MatroskaSegments(MatroskaMovie movie, List<MatroskaCut> cuts, ulong leader, MatroskaTracks learned) =>
        (Movie, Cuts, _leader, _learned) = (movie, cuts, leader, learned);

    /// <summary>What the file says of itself.</summary>
    public MatroskaMovie Movie { get; }

    /// <summary>All segments, the same for every track.</summary>
    public IReadOnlyList<MatroskaCut> Cuts { get; }

    /// <summary>The tracks, in the file's order, with what only their frames tell.</summary>
    public IReadOnlyList<MatroskaTrack> Tracks => _learned.Tracks;

    /// <summary>Whole seconds by which all times are late, so that no decode time lies before zero.</summary>
    public int OriginSeconds => _learned.OriginSeconds;

    /// <summary>Prepares a file, for which the frames of its first segment are looked at, and of its second when it is small.</summary>
    /// <param name="source">The file.</param>
    /// <param name="movie">What <see cref="MatroskaReader"/> read of it.</param>
    /// <param name="targetSeconds">Target duration of a segment.</param>
    /// <param name="problem">Why there is no answer, in words for a person.</param>
    /// <param name="leastOriginSeconds">Whole seconds by which all times are late at least: room for what is encoded beside.</param>
    public static MatroskaSegments? TryOpen(IByteSource source, MatroskaMovie movie, double targetSeconds, out string? problem, int leastOriginSeconds = 0)
    {
        var cuts = MatroskaCuts.Of(movie, targetSeconds, source.Length);
        problem = cuts.Count == 0 ? "it has no index of its keyframes (Cues)"
            : cuts.Max(c => c.NextOffset - c.Offset) is var most && most <= MostStretchBytes ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"its index (Cues) leaves stretches of {most >> 20} MiB without a keyframe, and {MostStretchBytes >> 20} may be");
        if (problem is not null)
        {
            return null;
        }

        var leader = movie.Tracks.First(t => t.Kind == (movie.Tracks.Any(v => v.Kind == TrackKind.Video) ? TrackKind.Video : TrackKind.Audio)).Number;
        var learned = new MatroskaTracks(movie, leastOriginSeconds);
        for (var number = 1; number <= Math.Min(2, cuts.Count); number++)
        {
            var cut = cuts[number - 1];
            if (number == 2 && cut.NextOffset - cut.Offset > SecondLookBytes)
            {
                break;
            }

            if (MatroskaStretch.TryRead(source, number, cut, number == cuts.Count, leader, out problem) is not { } stretch)
            {
                return null;
            }

            learned.Learn(source, stretch);
        }

        problem = TryFindEnd(source, movie, cuts, leader);
        learned.Learn(new MatroskaEnds(source, cuts, leader));
        return problem is null ? new MatroskaSegments(movie, cuts, leader, learned) : null;
    }

    /// <summary>Finds the frames of one segment.</summary>
    /// <param name="source">The file, the same as before.</param>
    /// <param name="number">From 1.</param>
    /// <param name="problem">Why there is no answer, in words for a person.</param>
    public MatroskaStretch? TryRead(IByteSource source, int number, out string? problem) =>
        MatroskaStretch.TryRead(source, number, Cuts[number - 1], number == Cuts.Count, _leader, out problem);

    /// <summary>Ticks in a second of a track's segments.</summary>
    public uint TimescaleOf(MatroskaTrack track) =>
        track.Kind == TrackKind.Audio && track.Description is { SampleRate: > 0 } sound ? (uint)sound.SampleRate : Movie.Timescale;

    /// <summary>Segments of a track: all, but of a sound that ends before.</summary>
    public int CountOf(MatroskaTrack track) => _learned.CountOf(track, Cuts.Count);

    /// <summary>Where a segment lies in time, in the track's timescale; sounds begin up to one interleaving earlier or later than their row says.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="track">The track.</param>
    public SegmentTiming TimingOf(int number, MatroskaTrack track)
    {
        var start = number == 1 ? _learned.StartOf(track, Cuts[0]) : Cuts[number - 1].StartTicks;
        var from = Rescaled(start, TimescaleOf(track));
        var end = number == CountOf(track) ? _learned.EndOf(track, Cuts[number - 1]) : Cuts[number - 1].EndTicks;
        return new SegmentTiming(OriginOf(track) + from, Math.Max(1, Rescaled(end, TimescaleOf(track)) - from));
    }

    /// <summary>The CMAF header of a track.</summary>
    public byte[] Init(MatroskaTrack track) => RenditionInit.Write(
        track.Description ?? throw new ArgumentException(track.Problem, nameof(track)), TrackId, TimescaleOf(track), null,
        track.Description.CodedWidth, track.Description.CodedHeight);

    /// <summary>What manifests say of a track.</summary>
    /// <param name="track">A track that has a description.</param>
    /// <param name="id">Its name in URLs.</param>
    /// <param name="isDefault">It is the one of its kind to be played by default.</param>
    public TrackSummary Summarize(MatroskaTrack track, string id, bool isDefault) => MatroskaSummary.Of(this, _learned, track, id, isDefault);

    /// <summary>One segment of one track.</summary>
    /// <param name="stretch">Its frames.</param>
    /// <param name="track">A track that has a description.</param>
    /// <param name="problem">Why there is no answer, in words for a person.</param>
    public MatroskaSegment? Make(MatroskaStretch stretch, MatroskaTrack track, out string? problem)
    {
        var frames = stretch.Of(track.Number);
        var (timing, stripped) = (TimingOf(stretch.Number, track), track.Stripped.Length);
        var times = frames.Count == 0 ? new MatroskaTimes(timing.StartTicks - OriginOf(track), [])
            : track.Kind == TrackKind.Video ? MatroskaTimes.Pictures(frames, stretch.Cut.StartTicks, stretch.Cut.EndTicks, _learned.LeadOf(track), stripped)
            : MatroskaTimes.Sounds(frames, track, Movie.Timescale, TimescaleOf(track), _learned.OriginOf(track), stripped);
        var payload = times.Samples.Sum(s => (long)s.SizeBytes);
        problem = payload > MostStretchBytes ? string.Create(CultureInfo.InvariantCulture, $"a segment of it has {payload >> 20} MiB") : null;
        if (problem is not null)
        {
            return null;
        }

        var head = new SpanWriter(512 + (16 * frames.Count));
        SegmentWriter.WriteHead(head, TrackId, (uint)stretch.Number, Math.Max(0, OriginOf(track) + times.DecodeTicks), times.Samples, payload);
        return new MatroskaSegment(timing, head.ToArray(), ExtentsOf(frames, stripped), payload);
    }

    private static List<Extent> ExtentsOf(List<MatroskaFrame> frames, int stripped)
    {
        var extents = new List<Extent>(frames.Count * (stripped > 0 ? 2 : 1));
        foreach (var frame in frames)
        {
            if (stripped > 0)
            {
                extents.Add(new Extent(0, stripped, 1));
            }

            if (frame.SizeBytes > 0)
            {
                extents.Add(new Extent(frame.Offset, frame.SizeBytes, 0));
            }
        }

        return extents;
    }

    /// <summary>A file that does not say how long it is ends with its last frame.</summary>
    /// <returns>Why its end cannot be found; null when it was, or is known.</returns>
    private static string? TryFindEnd(IByteSource source, MatroskaMovie movie, List<MatroskaCut> cuts, ulong leader)
    {
        var last = cuts[^1];
        if (movie.DurationTicks > last.StartTicks)
        {
            return null;
        }

        if (MatroskaStretch.TryRead(source, cuts.Count, last, isLast: true, leader, out var problem) is not { } stretch)
        {
            return problem;
        }

        var times = stretch.Of(leader).Select(f => f.Timestamp).Order().ToList();
        if (times.Count == 0)
        {
            return "behind its last cue there is no frame, and it does not say how long it is";
        }

        var frame = times.Count > 1 ? (times[^1] - times[0]) / (times.Count - 1) : 0;
        cuts[^1] = last with { EndTicks = Math.Max(last.StartTicks, times[^1]) + Math.Max(1, frame) };
        return null;
    }

    /// <summary>Rounded up: no sound is then said to begin before the picture that it is cut with, whatever it is rescaled to next.</summary>
    private long Rescaled(long ticks, uint timescale)
    {
        var (whole, rest) = Int128.DivRem((Int128)ticks * timescale, Movie.Timescale);
        return (long)Int128.Clamp(whole + (rest > 0 ? 1 : 0), long.MinValue / 4, long.MaxValue / 4);
    }

    private long OriginOf(MatroskaTrack track) => (long)OriginSeconds * TimescaleOf(track);
}
