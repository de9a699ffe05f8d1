using Sluice.Media.Cmaf;
using Sluice.Media.Dash;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Server.Package;

/// <summary>What the MPD of an asset says, whether it is served or written to a folder.</summary>
internal static class AssetManifests
{
    /// <summary>The MPD.</summary>
    /// <param name="tracks">Each track with all its timings.</param>
    /// <param name="folder">What comes before the track's folder in URIs: empty or ending in a slash.</param>
    /// <param name="subtitles">Subtitles, whose times count from the start of the title.</param>
    public static ManifestTemplate Mpd(
        IEnumerable<(TrackSummary Summary, SegmentTiming[] Timings)> tracks, string folder, IReadOnlyList<SubtitleTrack>? subtitles = null)
    {
        var all = tracks.ToList();
        var origin = FirstOf(all.Select(t => t.Summary));
        return MpdWriter.Write([.. all.Select(t => new DashTrack
        {
            Summary = t.Summary,
            Segments = t.Timings,
            PresentationTimeOffsetTicks = Ticks.Rescale(origin.StartTicks, origin.Timescale, t.Summary.Timescale),
            Uris = new SegmentUris
            {
                Init = $"{folder}{t.Summary.Id}/init.mp4", Prefix = $"{folder}{t.Summary.Id}/", Suffix = ".m4s",
            },
        })], subtitles);
    }

    /// <summary>The track with which the title begins: where the first of all begins to be presented is the title's time 0.</summary>
    public static TrackSummary FirstOf(IEnumerable<TrackSummary> tracks) => tracks.MinBy(t => Ticks.ToSeconds(t.StartTicks, t.Timescale))!;
}
