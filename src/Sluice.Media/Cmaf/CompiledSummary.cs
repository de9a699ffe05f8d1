using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>Sums up a track from its segments.</summary>
internal static class CompiledSummary
{
    /// <param name="entries">All segments; at least one.</param>
    /// <param name="track">The track.</param>
    /// <param name="description">Its sample description.</param>
    /// <param name="scan">Its scan.</param>
    /// <param name="options">How it was compiled.</param>
    /// <param name="independent">Every segment can be decoded alone.</param>
    public static TrackSummary Of(
        IReadOnlyList<SegmentEntry> entries, MovieTrack track, SampleDescription description, TrackScan scan,
        TrackCompilerOptions options, bool independent)
    {
        var isVideo = track.Kind == TrackKind.Video;
        var longest = entries.Max(e => e.Timing.DurationTicks);
        var end = entries[^1].Timing.StartTicks + entries[^1].Timing.DurationTicks;
        var timescale = track.Timescale;
        var summary = new TrackSummary
        {
            Id = options.Id,
            Kind = track.Kind,
            Codecs = description.Codecs,
            Timescale = timescale,
            SegmentCount = entries.Count,
            StartTicks = scan.PresentedStartTicks(track.Kind) + (options.OriginSeconds * timescale),
            EndTicks = end,
            LongestSegmentTicks = longest,
            PeakBitsPerSecond = BitRates.Peak(entries, timescale, BitRates.TargetTicks(longest, timescale)),
            AverageBitsPerSecond = BitRates.Average(entries, timescale),
            Language = options.Language ?? Languages.ToBcp47(track.Language),
            Name = options.Name ?? track.Name,
            IsDefault = options.IsDefault,
            AlternativeOf = options.AlternativeOf,
            IndependentSegments = independent,
            ChannelCount = isVideo ? 0 : description.ChannelCount,
            SampleRate = isVideo ? 0 : description.SampleRate,
        };
        return isVideo ? VideoShape.Apply(summary, description, track.Header, scan, timescale) : summary;
    }
}
