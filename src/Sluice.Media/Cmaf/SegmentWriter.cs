using Sluice.Media.Binary;

namespace Sluice.Media.Cmaf;

/// <summary>One sample as a segment describes it.</summary>
/// <param name="SizeBytes">Bytes.</param>
/// <param name="DurationTicks">Time to the next sample's decoding.</param>
/// <param name="CompositionOffset">Presentation minus decode time; signed, as a version 1 run stores it.</param>
/// <param name="IsSync">Decoding can start here.</param>
public readonly record struct SegmentSample(int SizeBytes, uint DurationTicks, int CompositionOffset, bool IsSync);

/// <summary>
/// Writes all of a CMAF media segment but its payload: <c>styp</c>, <c>moof</c> with one <c>traf</c> and one version 1
/// <c>trun</c>, and the header of <c>mdat</c> (ISO/IEC 23000-19 section 7.3.2).
/// </summary>
public static class SegmentWriter
{
    /// <summary>Samples in one segment: almost five hours at 60 frames a second. A bound for hostile tables.</summary>
    public const int MostSamples = 1 << 20;

    private const uint SyncFlags = 0x0200_0000;    // sample_depends_on = 2
    private const uint NonSyncFlags = 0x0101_0000; // sample_depends_on = 1, sample_is_non_sync_sample = 1

    /// <summary>Appends the head of one segment to <paramref name="w"/>.</summary>
    /// <param name="w">Where to.</param>
    /// <param name="trackId">track_ID of the init segment.</param>
    /// <param name="sequenceNumber">Of <c>mfhd</c>, from 1.</param>
    /// <param name="decodeTicks">Decode time of the first sample; never negative.</param>
    /// <param name="samples">All samples of the segment; none for one in which its track has nothing.</param>
    /// <param name="payloadBytes">Sum of their sizes.</param>
    public static void WriteHead(
        SpanWriter w, uint trackId, uint sequenceNumber, long decodeTicks, ReadOnlySpan<SegmentSample> samples, long payloadBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decodeTicks);
        var styp = w.BeginBox("styp");
        w.WriteBytes("cmfs"u8);
        w.WriteUInt32(0);
        w.WriteBytes("cmfsmsdhmsix"u8);
        w.EndBox(styp);

        var moof = w.BeginBox("moof");
        var mfhd = w.BeginFullBox("mfhd", 0, 0);
        w.WriteUInt32(sequenceNumber);
        w.EndBox(mfhd);
        var traf = w.BeginBox("traf");
        var shape = Shape.Of(samples);
        var tfhd = w.BeginFullBox("tfhd", 0, 0x020000u | (shape.SameDuration ? 0x8u : 0) | (shape.SameSize ? 0x10u : 0) | 0x20u);
        w.WriteUInt32(trackId);
        if (shape.SameDuration)
        {
            w.WriteUInt32(samples[0].DurationTicks);
        }

        if (shape.SameSize)
        {
            w.WriteUInt32((uint)samples[0].SizeBytes);
        }

        w.WriteUInt32(samples.IsEmpty ? SyncFlags : FlagsOf(samples[^1]));
        w.EndBox(tfhd);
        var tfdt = w.BeginFullBox("tfdt", 1, 0);
        w.WriteUInt64((ulong)decodeTicks);
        w.EndBox(tfdt);
        var dataOffsetAt = WriteRun(w, samples, shape);
        w.EndBox(traf);
        w.EndBox(moof);

        var large = payloadBytes + 8 > uint.MaxValue;
        w.PatchUInt32(dataOffsetAt, (uint)(w.Length - moof + (large ? 16 : 8)));
        w.WriteUInt32(large ? 1 : (uint)(payloadBytes + 8));
        w.WriteBytes("mdat"u8);
        if (large)
        {
            w.WriteUInt64((ulong)payloadBytes + 16);
        }
    }

    private static int WriteRun(SpanWriter w, ReadOnlySpan<SegmentSample> samples, Shape shape)
    {
        var flags = 0x1u
            | (shape.FirstDiffers && shape.SameFlags ? 0x4u : 0)
            | (shape.SameDuration ? 0 : 0x100u)
            | (shape.SameSize ? 0 : 0x200u)
            | (shape.SameFlags ? 0 : 0x400u)
            | (shape.NoOffsets ? 0 : 0x800u);
        var trun = w.BeginFullBox("trun", 1, flags);
        w.WriteUInt32((uint)samples.Length);
        var dataOffsetAt = w.Length;
        w.WriteUInt32(0);
        if ((flags & 0x4) != 0)
        {
            w.WriteUInt32(FlagsOf(samples[0]));
        }

        foreach (ref readonly var sample in samples)
        {
            if (!shape.SameDuration)
            {
                w.WriteUInt32(sample.DurationTicks);
            }

            if (!shape.SameSize)
            {
                w.WriteUInt32((uint)sample.SizeBytes);
            }

            if (!shape.SameFlags)
            {
                w.WriteUInt32(FlagsOf(sample));
            }

            if (!shape.NoOffsets)
            {
                w.WriteInt32(sample.CompositionOffset);
            }
        }

        w.EndBox(trun);
        return dataOffsetAt;
    }

    private static uint FlagsOf(in SegmentSample sample) => sample.IsSync ? SyncFlags : NonSyncFlags;

    /// <summary>Which fields are the same for all samples and need to be said only once.</summary>
    /// <param name="SameDuration">All durations are equal.</param>
    /// <param name="SameSize">All sizes are equal, and not 0: a default of 0 means that every sample has its own.</param>
    /// <param name="SameFlags">All samples but the first have the same flags.</param>
    /// <param name="FirstDiffers">The first has other flags than the last.</param>
    /// <param name="NoOffsets">No sample has a composition offset.</param>
    private readonly record struct Shape(bool SameDuration, bool SameSize, bool SameFlags, bool FirstDiffers, bool NoOffsets)
    {
        public static Shape Of(ReadOnlySpan<SegmentSample> samples)
        {
            if (samples.IsEmpty)
            {
                return new Shape(SameDuration: false, SameSize: false, SameFlags: true, FirstDiffers: false, NoOffsets: true);
            }

            bool duration = true, size = samples[0].SizeBytes > 0, flags = true, offsets = true;
            for (var i = 0; i < samples.Length; i++)
            {
                duration &= samples[i].DurationTicks == samples[0].DurationTicks;
                size &= samples[i].SizeBytes == samples[0].SizeBytes;
                flags &= i == 0 || samples[i].IsSync == samples[^1].IsSync;
                offsets &= samples[i].CompositionOffset == 0;
            }

            return new Shape(duration, size, flags, samples[0].IsSync != samples[^1].IsSync, offsets);
        }
    }
}
