using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Hls;

/// <summary>
/// EXT-X-TARGETDURATION. RFC 8216 section 4.3.3.1: no EXTINF, rounded to the nearest integer, exceeds it. Section 6.2.4:
/// it is the same in all media playlists of an asset, hence computed from all of its tracks.
/// </summary>
public static class HlsTargetDuration
{
    /// <summary>Whole seconds for the media playlists of an asset with these tracks; at least 1.</summary>
    public static int Of(IEnumerable<TrackSummary> tracks)
    {
        // A written EXTINF is the difference of two rounded boundaries, so up to a microsecond longer than the segment.
        var longest = tracks.Select(static t => Ticks.Rescale(t.LongestSegmentTicks, t.Timescale, 1_000_000) + 1);
        return OfMicroseconds(longest.DefaultIfEmpty(0).Max());
    }

    internal static int OfMicroseconds(long longest) =>
        (int)Math.Clamp((longest / 1_000_000) + (longest % 1_000_000 >= 500_000 ? 1 : 0), 1, int.MaxValue);
}
