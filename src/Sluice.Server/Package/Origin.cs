using Sluice.Server.Probe;

namespace Sluice.Server.Package;

/// <summary>
/// The one shift that all tracks of an asset share. Audio priming and the decoding of reordered frames lie before time
/// zero, but decode times cannot be negative (ISO/IEC 14496-12 section 8.8.12), and shifting one track alone would break
/// lip sync. A whole number of seconds is exact in every timescale.
/// </summary>
internal static class Origin
{
    /// <summary>0 when nothing lies before zero, else the fewest whole seconds that bring everything to zero or later.</summary>
    public static long SecondsFor(IEnumerable<ProbedTrack> tracks) => tracks
        .Select(t => t.Scan is { FirstDecodeTicks: < 0 } scan
            ? (-scan.FirstDecodeTicks + t.Track.Timescale - 1) / t.Track.Timescale
            : 0)
        .DefaultIfEmpty()
        .Max();
}
