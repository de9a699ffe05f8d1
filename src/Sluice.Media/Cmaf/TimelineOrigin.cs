namespace Sluice.Media.Cmaf;

/// <summary>
/// The one shift that all tracks of an asset share. Audio priming and the decoding of reordered frames lie before time
/// zero, but decode times cannot be negative (ISO/IEC 14496-12 section 8.8.12), and shifting one track alone would break
/// lip sync. A whole number of seconds is exact in every timescale.
/// </summary>
public static class TimelineOrigin
{
    /// <summary>0 when nothing lies before zero, else the fewest whole seconds that bring every decode time to zero or later.</summary>
    /// <param name="tracks">The tracks that are packaged together, each with its ticks in a second.</param>
    public static long SecondsFor(IEnumerable<(TrackScan Scan, uint Timescale)> tracks) => tracks
        .Select(static t => t.Scan.FirstDecodeTicks < 0 ? (-t.Scan.FirstDecodeTicks + t.Timescale - 1) / t.Timescale : 0)
        .DefaultIfEmpty()
        .Max();
}
