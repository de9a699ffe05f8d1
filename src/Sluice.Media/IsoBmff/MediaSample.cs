namespace Sluice.Media.IsoBmff;

/// <summary>One sample of a track as its file describes it.</summary>
/// <param name="Offset">Where its bytes lie in the file.</param>
/// <param name="SizeBytes">How many they are.</param>
/// <param name="DecodeTicks">Decode time on the media's own timeline, before any edit list.</param>
/// <param name="CompositionTicks">Composition time on the same timeline.</param>
/// <param name="DurationTicks">Duration as the file states it.</param>
/// <param name="IsSync">The container calls it a sync sample. The bitstream may disagree.</param>
/// <param name="DescriptionIndex">Entry of <c>stsd</c> that it belongs to, from 1.</param>
public readonly record struct MediaSample(
    long Offset,
    int SizeBytes,
    long DecodeTicks,
    long CompositionTicks,
    uint DurationTicks,
    bool IsSync,
    int DescriptionIndex)
{
    /// <summary>End of the sample's composition.</summary>
    public long CompositionEndTicks => CompositionTicks + DurationTicks;
}

/// <summary>A forward pass over the samples of one track, in decode order, in constant memory.</summary>
public abstract class SampleReader
{
    /// <summary>Largest sample that is believed: 1 GiB, more than any frame of any codec.</summary>
    internal const uint LargestSample = 1 << 30;

    /// <summary>Why the pass ended before the track's own end, in words for a person; null when it did not.</summary>
    public string? Problem { get; protected set; }

    /// <summary>True when samples were left out because they lie beyond the end of the file.</summary>
    public bool IsTruncated { get; protected set; }

    /// <summary>The last step ended where the file's bytes have not landed yet: when more have, the pass goes on.</summary>
    public bool IsWaiting { get; protected set; }

    /// <summary>Steps to the next sample; false at the end, at the first one that the file does not hold whole, where
    /// bytes have not landed yet, and at a contradiction, which <see cref="Problem"/> then names. A sample's description
    /// has landed then, its bytes need not have.</summary>
    public abstract bool TryRead(out MediaSample sample);
}
