using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>
/// Decode times and durations for frames of which Matroska says when they are presented, to its ticks, and no more.
/// </summary>
/// <param name="DecodeTicks">Of the first sample.</param>
/// <param name="Samples">In decode order.</param>
internal readonly record struct MatroskaTimes(long DecodeTicks, SegmentSample[] Samples)
{
    /// <summary>
    /// Pictures are decoded at the presentation times of their segment in ascending order, all so much earlier that none is
    /// shown before: segments then meet exactly, whatever is reordered. Pictures that are shown before the keyframe they follow
    /// (open GOP) have no time of their own in it; all are then spread evenly. A segment that reorders more than the first one
    /// has some negative composition offsets (version 1 runs).
    /// </summary>
    /// <param name="frames">Of one segment.</param>
    /// <param name="start">Presentation time of its keyframe, in the file's ticks.</param>
    /// <param name="end">That of the next segment's.</param>
    /// <param name="lead">From <see cref="LeadOf"/>.</param>
    /// <param name="strippedBytes">That every frame gets back.</param>
    public static MatroskaTimes Pictures(List<MatroskaFrame> frames, long start, long end, long lead, int strippedBytes)
    {
        var decode = DecodeTimes(frames, start, end);
        var samples = new SegmentSample[frames.Count];
        for (var i = 0; i < samples.Length; i++)
        {
            var next = i + 1 < samples.Length ? decode[i + 1] : end;
            samples[i] = new SegmentSample(
                strippedBytes + frames[i].SizeBytes,
                (uint)Math.Clamp(next - decode[i], 0, uint.MaxValue),
                (int)(frames[i].Timestamp - decode[i] + lead),
                i == 0 || frames[i].IsKey);
        }

        return new MatroskaTimes(decode[0] - lead, samples);
    }

    /// <summary>By how many ticks decoding is ahead of showing where no picture of a segment is shown before it is decoded.</summary>
    public static long LeadOf(List<MatroskaFrame> frames, long start, long end) =>
        frames.Zip(DecodeTimes(frames, start, end), (frame, decoded) => decoded - frame.Timestamp).Append(0).Max();

    /// <summary>
    /// Packets of a fixed length lie on a grid from the track's first on, which takes the rounding of the file's ticks away; a hole
    /// lengthens the packet before it. Others last until the next.
    /// </summary>
    public static MatroskaTimes Sounds(
        List<MatroskaFrame> frames, MatroskaTrack track, uint fileTimescale, uint timescale, long originTicks, int strippedBytes)
    {
        var packet = PacketTicks(track.Description!);
        var origin = Ticks.Rescale(originTicks, fileTimescale, timescale);
        var starts = new long[frames.Count];
        for (var i = 0; i < starts.Length; i++)
        {
            var said = Ticks.Rescale(Math.Max(0, frames[i].Timestamp), fileTimescale, timescale);
            var onGrid = packet > 0 ? origin + ((long)Math.Round((said - origin) / (double)packet) * packet) : said;
            var least = i == 0 ? 0 : starts[i - 1] + Math.Max(1, packet);
            starts[i] = i == 0 ? Math.Max(0, onGrid)
                : frames[i].Lace > 0 ? starts[i - 1] + UsualTicks(track, packet, timescale)
                : Math.Max(least, onGrid);
        }

        var samples = new SegmentSample[frames.Count];
        for (var i = 0; i < samples.Length; i++)
        {
            var duration = i + 1 < samples.Length ? starts[i + 1] - starts[i]
                : packet == 0 && i > 0 && frames[i].Lace == 0 ? samples[i - 1].DurationTicks
                : UsualTicks(track, packet, timescale);
            samples[i] = new SegmentSample(strippedBytes + frames[i].SizeBytes, (uint)Math.Min(duration, uint.MaxValue), 0, IsSync: true);
        }

        return new MatroskaTimes(starts[0], samples);
    }

    private static long[] DecodeTimes(List<MatroskaFrame> frames, long start, long end)
    {
        var decode = frames.Select(f => f.Timestamp).Order().ToArray();
        var isPlain = decode[0] == start && decode[^1] < end;
        for (var i = 1; i < decode.Length && isPlain; i++)
        {
            isPlain = decode[i] > decode[i - 1];
        }

        for (var i = 0; i < decode.Length && !isPlain; i++)
        {
            decode[i] = start + ((end - start) * i / decode.Length);
        }

        return decode;
    }

    private static long UsualTicks(MatroskaTrack track, int packet, uint timescale) => packet > 0 ? packet
        : track.FrameNanoseconds > 0 ? Math.Max(1, (long)Math.Round(track.FrameNanoseconds * (timescale / 1e9)))
        : timescale / 50;

    /// <summary>Samples of every packet, counted at the output's rate; 0 where packets differ.</summary>
    private static int PacketTicks(SampleDescription sound) => sound switch
    {
        { Codec: CodecId.Aac, Aac: { CoreSampleRate: > 0 } aac } => 1024 * Math.Max(1, sound.SampleRate / aac.CoreSampleRate),
        { Codec: CodecId.Mp3 } => sound.SampleRate >= 32000 ? 1152 : 576,
        _ => 0,
    };
}
