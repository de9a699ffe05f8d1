namespace Sluice.Server.Transcode;

/// <summary>What one encoder process makes: a run of chunks, of some renditions, in one decode.</summary>
/// <param name="Video">The picture's part; null when none is made.</param>
/// <param name="Audio">The sounds' parts.</param>
/// <param name="FirstSecond">Where the run begins on the source's timeline, from its start.</param>
/// <param name="EndSecond">Where it ends.</param>
internal sealed record RunSpan(VideoSpan? Video, IReadOnlyList<AudioSpan> Audio, double FirstSecond, double EndSecond);

/// <summary>The picture's part of a run.</summary>
/// <param name="Rungs">Sizes that are made.</param>
/// <param name="Cuts">First frame of each chunk on the plan's grid, and the frame after the last chunk; in the copied
/// track's ticks when the plan follows one.</param>
internal sealed record VideoSpan(IReadOnlyList<Rung> Rungs, IReadOnlyList<long> Cuts);

/// <summary>One sound's part of a run.</summary>
/// <param name="Plan">The sound.</param>
/// <param name="Cuts">First packet of each chunk, of 1024 samples from the title's zero (−1 is the encoder's priming), and
/// the packet after the last chunk.</param>
internal sealed record AudioSpan(AudioPlan Plan, IReadOnlyList<long> Cuts)
{
    /// <summary>Samples in a packet of AAC-LC (ISO/IEC 14496-3 section 4.5.2.1.1).</summary>
    public const int PacketSamples = 1024;

    /// <summary>Packets encoded before the first that is kept, so that the encoder has settled: its own priming and
    /// four that overlap.</summary>
    private const int PreRoll = 4;

    /// <summary>Packets encoded after the last that is kept: the encoder looks ahead.</summary>
    private const int PostRoll = 2;

    /// <summary>First sample that goes into the encoder.</summary>
    public long FirstSample => Math.Max(0, Cuts[0] - PreRoll) * PacketSamples;

    /// <summary>Sample after the last that goes into the encoder.</summary>
    public long EndSample => (Cuts[^1] + PostRoll) * PacketSamples;

    /// <summary>Packets that come out of the encoder before the first that is kept. The first packet is the priming, one
    /// packet earlier than the first sample.</summary>
    public int Dropped => (int)(Cuts[0] + 1 - (FirstSample / PacketSamples));
}
