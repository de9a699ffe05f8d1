using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The cut table of sound that is encoded as AAC-LC: cuts lie on packets of 1024 samples. Packets are numbered from the
/// title's zero; packet −1 is the encoder's priming, which decoders need and nobody hears, and belongs to chunk 1. Chunks
/// are numbered from 1.
/// </summary>
public sealed class AudioGrid
{
    /// <summary>Samples in a packet of AAC-LC (ISO/IEC 14496-3 section 4.5.2.1.1).</summary>
    public const int PacketSamples = 1024;

    private readonly long[] _cuts;

    private AudioGrid(int sampleRate, long sampleCount, long originSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(originSeconds * sampleRate, PacketSamples, nameof(originSeconds));
        (SampleRate, FrameCount, OriginSeconds) = (sampleRate, PacketsOf(sampleCount), originSeconds);
        _cuts = [];
    }

    private AudioGrid(AudioGrid shape, List<long> cuts)
    {
        (SampleRate, FrameCount, OriginSeconds) = (shape.SampleRate, shape.FrameCount, shape.OriginSeconds);
        _cuts = [-1, .. cuts, FrameCount];
    }

    /// <summary>Samples in a second, and ticks.</summary>
    public int SampleRate { get; }

    /// <summary>Packets of content: those from 0 on.</summary>
    public long FrameCount { get; }

    /// <summary>Whole seconds by which all tracks of the asset are later; at least one packet, for the priming.</summary>
    public long OriginSeconds { get; }

    /// <summary>Number of chunks; at least 1.</summary>
    public int ChunkCount => _cuts.Length - 1;

    /// <summary>Where the title begins, the priming left out: what a summary states as <see cref="TrackSummary.StartTicks"/>.</summary>
    public long StartTicks => OriginSeconds * SampleRate;

    /// <summary>Where the last packet ends.</summary>
    public long EndTicks => StartTicks + (FrameCount * PacketSamples);

    /// <summary>Sound that follows a picture: each of its chunks ends at the packet nearest to where the picture's does, so
    /// that chunk n of one goes with chunk n of the other. Shorter sound has fewer chunks; longer sound goes on alone in
    /// chunks of the target. A chunk of the picture that is longer than twice the target is divided evenly.</summary>
    /// <param name="sampleRate">Samples in a second.</param>
    /// <param name="sampleCount">Samples from the title's zero to the end of the sound; at least 1.</param>
    /// <param name="originSeconds">Whole seconds by which all tracks of the asset are later, in <paramref name="leader"/> too.</param>
    /// <param name="targetSeconds">Length of a chunk; more than 0.</param>
    /// <param name="leader">Segments of the picture.</param>
    /// <param name="leaderTimescale">Ticks in a second of the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or the origin leaves no room for the priming.</exception>
    public static AudioGrid Following(
        int sampleRate, long sampleCount, long originSeconds, double targetSeconds, IReadOnlyList<SegmentTiming> leader, uint leaderTimescale)
    {
        var shape = new AudioGrid(sampleRate, sampleCount, originSeconds);
        var target = TargetPackets(sampleRate, targetSeconds);
        var cuts = new List<long>();
        foreach (var timing in leader)
        {
            var end = Math.Min(shape.FrameCount, Nearest(shape, timing.StartTicks + timing.DurationTicks, leaderTimescale));
            var start = cuts.Count == 0 ? 0 : cuts[^1];
            var pieces = end - start > 2 * target ? (end - start + (target / 2)) / target : 1;
            for (var i = 1; i <= pieces && end > start; i++)
            {
                cuts.Add(start + ((end - start) * i / pieces));
            }
        }

        return shape.GoOn(cuts, target);
    }

    /// <summary>Sound that goes alone.</summary>
    /// <param name="sampleRate">Samples in a second.</param>
    /// <param name="sampleCount">Samples from the title's zero to the end of the sound; at least 1.</param>
    /// <param name="originSeconds">Whole seconds by which all tracks of the asset are later.</param>
    /// <param name="targetSeconds">Length of a chunk; more than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or the origin leaves no room for the priming.</exception>
    public static AudioGrid Alone(int sampleRate, long sampleCount, long originSeconds, double targetSeconds) =>
        new AudioGrid(sampleRate, sampleCount, originSeconds).GoOn([], TargetPackets(sampleRate, targetSeconds));

    /// <summary>First packet of chunk <paramref name="number"/>; −1 for chunk 1. One past the last number answers the packet
    /// after the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public long FirstFrame(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, ChunkCount + 1);
        return _cuts[number - 1];
    }

    /// <summary>Packets of chunk <paramref name="number"/>, in chunk 1 with the priming.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public int FrameCountOf(int number) => (int)(FirstFrame(number + 1) - FirstFrame(number));

    /// <summary>Where chunk <paramref name="number"/> lies on the timeline, origin and priming included, as with copied sound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    public SegmentTiming Timing(int number) =>
        new(StartTicks + (FirstFrame(number) * PacketSamples), (long)FrameCountOf(number) * PacketSamples);

    /// <summary>Where all chunks lie.</summary>
    public SegmentTiming[] Timings() => [.. Enumerable.Range(1, ChunkCount).Select(Timing)];

    /// <summary>Chunks of the target from the last cut on. A rest shorter than half of one joins the chunk before.</summary>
    private AudioGrid GoOn(List<long> cuts, long target)
    {
        if (cuts.Count > 0 && 2 * (FrameCount - cuts[^1]) < target)
        {
            cuts.RemoveAt(cuts.Count - 1); // Up to the end, which closes the last chunk anyhow.
        }
        else
        {
            for (var cut = (cuts.Count == 0 ? 0 : cuts[^1]) + target; 2 * (FrameCount - cut) >= target; cut += target)
            {
                cuts.Add(cut);
            }
        }

        return new AudioGrid(this, cuts);
    }

    private static long Nearest(AudioGrid shape, long leaderTicks, uint leaderTimescale)
    {
        var samples = Ticks.Rescale(leaderTicks - (shape.OriginSeconds * leaderTimescale), leaderTimescale, shape.SampleRate);
        return Math.Max(0, (samples + (PacketSamples / 2)) / PacketSamples);
    }

    private static long TargetPackets(int sampleRate, double targetSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetSeconds);
        return Math.Max(1, (long)Math.Round(targetSeconds * sampleRate / PacketSamples));
    }

    private static long PacketsOf(long samples) => ((samples - 1) / PacketSamples) + 1;
}
