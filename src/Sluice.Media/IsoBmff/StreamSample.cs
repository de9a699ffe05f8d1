namespace Sluice.Media.IsoBmff;

/// <summary>One sample of a <see cref="FragmentStream"/>.</summary>
public readonly ref struct StreamSample
{
    internal StreamSample(scoped in PlannedSample plan, ReadOnlySpan<byte> payload)
    {
        TrackId = plan.TrackId;
        DescriptionIndex = plan.DescriptionIndex;
        DecodeTicks = plan.DecodeTicks;
        DurationTicks = plan.DurationTicks;
        CompositionOffset = plan.CompositionOffset;
        IsSync = plan.IsSync;
        Payload = payload;
    }

    /// <summary>track_ID of its track.</summary>
    public uint TrackId { get; }

    /// <summary>Entry of <c>stsd</c>, from 1.</summary>
    public int DescriptionIndex { get; }

    /// <summary>Decode time in the track's timescale, as the fragment says.</summary>
    public long DecodeTicks { get; }

    /// <summary>Duration as the fragment says.</summary>
    public uint DurationTicks { get; }

    /// <summary>Presentation minus decode time.</summary>
    public int CompositionOffset { get; }

    /// <summary>The encoder calls it a sync sample.</summary>
    public bool IsSync { get; }

    /// <summary>Its bytes, valid until the stream is asked for more.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
