namespace Sluice.Media.IsoBmff;

/// <summary>One sample of a <see cref="FragmentFeed"/>, with its bytes.</summary>
/// <param name="TrackId">track_ID of its track.</param>
/// <param name="DecodeTicks">Decode time in the track's timescale, as the fragment says.</param>
/// <param name="DurationTicks">Duration as the fragment says.</param>
/// <param name="CompositionOffset">Presentation minus decode time.</param>
/// <param name="IsSync">The encoder calls it a sync sample.</param>
/// <param name="Payload">Its bytes. They are never written again, so they may be kept; they keep the whole fragment in
/// memory, though, of which they are a part.</param>
public readonly record struct FeedSample(
    uint TrackId, long DecodeTicks, uint DurationTicks, int CompositionOffset, bool IsSync, ReadOnlyMemory<byte> Payload);
