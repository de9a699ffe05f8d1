namespace Sluice.Media.Remux;

/// <summary>When an access unit is decoded and shown, and where it stands. All clocks count modulo 2^33, as in MPEG-TS.</summary>
/// <param name="PtsTicks">Presentation time, 90 kHz.</param>
/// <param name="DtsTicks">Decode time, 90 kHz, not after <paramref name="PtsTicks"/>.</param>
/// <param name="DurationTicks">90 kHz; 0 when it is not known.</param>
/// <param name="IsSync">Decoding can begin here.</param>
/// <param name="Segment">The segment it begins in, as its owner numbers them.</param>
/// <param name="IsBreak">It is the first after a break: what was before says nothing about it.</param>
public readonly record struct EsUnit(long PtsTicks, long DtsTicks, int DurationTicks, bool IsSync, long Segment, bool IsBreak);

/// <summary>Takes elementary streams apart from any container: access units in decode order, as MPEG-TS carries them (annex B with a
/// delimiter, ADTS).</summary>
public interface IEsSink
{
    /// <summary>What streams come from this source, as far as it is known. Told again when it changes.</summary>
    /// <param name="video">Video comes, and is of this kind; null when none does.</param>
    /// <param name="audio">The same of audio.</param>
    void Describe(EsFormat? video, EsFormat? audio);

    /// <summary>Takes one access unit, or several that follow each other under one time.</summary>
    /// <param name="isVideo">Which stream it is of.</param>
    /// <param name="unit">Its times.</param>
    /// <param name="bytes">Its bytes, valid during the call.</param>
    void Take(bool isVideo, in EsUnit unit, ReadOnlySpan<byte> bytes);
}
