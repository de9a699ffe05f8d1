namespace Sluice.Media.Cmaf;

/// <summary>
/// The cut table of a picture that is encoded at a constant rate: chunks of equally many frames, each cut a frame of the
/// grid. A last chunk shorter than half a chunk joins the one before, so that none is tiny; the last may be up to one and
/// a half. Chunks are numbered from 1, frames from 0.
/// </summary>
public sealed record VideoGrid
{
    /// <summary>Least number of ticks in a second. Players count in milliseconds or finer.</summary>
    private const long LeastTimescale = 10_000;

    /// <summary>Longest title: about 30 years, within which no sum of ticks overflows.</summary>
    private const double LongestSeconds = 1e9;

    /// <summary>Describes a grid.</summary>
    /// <param name="frameRate">Frames in a second; more than 0.</param>
    /// <param name="frameCount">Frames of the whole title; at least 1.</param>
    /// <param name="framesPerChunk">Frames of every chunk but the last; at least 1.</param>
    /// <param name="originSeconds">Whole seconds by which all tracks of the asset are later; see <see cref="TimelineOrigin"/>.</param>
    /// <param name="phaseSeconds">By how much frame 0 is later than the title's zero: less than a frame. Sources whose picture
    /// begins somewhere between two frames keep their times.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, the rate has more digits than a
    /// timescale of 32 bits can hold, or there are more frames or chunks than a segment or an index takes.</exception>
    public VideoGrid(Rational frameRate, long frameCount, int framesPerChunk, long originSeconds, double phaseSeconds = 0)
    {
        FrameRate = frameRate.Reduced();
        ArgumentOutOfRangeException.ThrowIfLessThan(FrameRate.Denominator, 1, nameof(frameRate));
        ArgumentOutOfRangeException.ThrowIfLessThan(FrameRate.Numerator, 1, nameof(frameRate));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FrameRate.Numerator, uint.MaxValue / 2, nameof(frameRate));
        ArgumentOutOfRangeException.ThrowIfLessThan(frameCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frameCount / FrameRate.Value, LongestSeconds, nameof(frameCount));
        ArgumentOutOfRangeException.ThrowIfLessThan(framesPerChunk, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(framesPerChunk, SegmentWriter.MostSamples / 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frameCount / framesPerChunk, TrackIndexWriter.MostSegments - 1, nameof(frameCount));
        ArgumentOutOfRangeException.ThrowIfNegative(originSeconds);
        var scale = (LeastTimescale + FrameRate.Numerator - 1) / FrameRate.Numerator;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FrameRate.Denominator, uint.MaxValue / scale, nameof(frameRate));
        (FrameCount, FramesPerChunk, OriginSeconds) = (frameCount, framesPerChunk, originSeconds);
        Timescale = (uint)(FrameRate.Numerator * scale);
        FrameTicks = (uint)(FrameRate.Denominator * scale);
        ArgumentOutOfRangeException.ThrowIfNegative(phaseSeconds);
        PhaseTicks = (long)Math.Round(phaseSeconds * Timescale);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(PhaseTicks, FrameTicks, nameof(phaseSeconds));
        var whole = (int)(frameCount / framesPerChunk);
        var restIsAChunk = whole == 0 || 2 * (frameCount % framesPerChunk) >= framesPerChunk;
        ChunkCount = restIsAChunk ? whole + 1 : whole;
    }

    /// <summary>Frames in a second, in lowest terms.</summary>
    public Rational FrameRate { get; }

    /// <summary>Frames of the whole title.</summary>
    public long FrameCount { get; }

    /// <summary>Frames of every chunk but the last.</summary>
    public int FramesPerChunk { get; }

    /// <summary>Whole seconds by which all tracks of the asset are later.</summary>
    public long OriginSeconds { get; }

    /// <summary>Ticks in a second: a multiple of the rate's numerator, so that a frame takes a whole number of them.</summary>
    public uint Timescale { get; }

    /// <summary>Ticks of one frame.</summary>
    public uint FrameTicks { get; }

    /// <summary>By how many ticks frame 0 is later than the title's zero; fewer than <see cref="FrameTicks"/>.</summary>
    public long PhaseTicks { get; }

    /// <summary>Number of chunks; at least 1.</summary>
    public int ChunkCount { get; }

    /// <summary>First frame of chunk <paramref name="number"/>. One past the last number answers the frame after the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public long FirstFrame(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, ChunkCount + 1);
        return number > ChunkCount ? FrameCount : (number - 1L) * FramesPerChunk;
    }

    /// <summary>Frames of chunk <paramref name="number"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public int FrameCountOf(int number) => (int)(FirstFrame(number + 1) - FirstFrame(number));

    /// <summary>Where chunk <paramref name="number"/> lies on the presentation timeline, the origin included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public SegmentTiming Timing(int number) =>
        new((OriginSeconds * Timescale) + PhaseTicks + (FirstFrame(number) * FrameTicks), (long)FrameCountOf(number) * FrameTicks);

    /// <summary>Where all chunks lie.</summary>
    public SegmentTiming[] Timings() => [.. Enumerable.Range(1, ChunkCount).Select(Timing)];
}
