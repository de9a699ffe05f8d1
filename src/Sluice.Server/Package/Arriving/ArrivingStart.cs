using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Package.Arriving;

/// <summary>Starts the tracks of an arriving title: foretells what manifests say of each, and opens its growing index.</summary>
/// <param name="movie">The MP4 that they are of.</param>
/// <param name="segmentSeconds">Target duration of a segment.</param>
/// <param name="indexPathOf">Where the index of a track goes; must not exist yet.</param>
internal sealed class ArrivingStart(IArrivingMovie movie, double segmentSeconds, Func<string, string> indexPathOf)
{
    /// <summary>The tracks, picture first; empty when one of them cannot be packaged.</summary>
    public IReadOnlyList<ArrivingTrack> Run(ArrivalPlan plan)
    {
        var tracks = new List<ArrivingTrack>();
        var isWhole = false;
        try
        {
            isWhole = TryAdd(plan, tracks);
            return isWhole ? tracks : [];
        }
        finally
        {
            if (!isWhole)
            {
                tracks.ForEach(t => t.Dispose());
            }
        }
    }

    private bool TryAdd(ArrivalPlan plan, List<ArrivingTrack> tracks)
    {
        var numbering = new CopyNumbering(plan.Triage, plan.BesideEncoded, segmentSeconds);
        (IReadOnlyList<SegmentTiming>, uint)? leader = null;
        TrackCompiler? leading = null;
        foreach (var track in plan.Copied)
        {
            var (movieTrack, description, scan) = track.Probed;
            var isSound = movieTrack.Kind == TrackKind.Audio;
            var options = numbering.Next(track);
            var foretold = TrackCompiler.Foretell(movie, movieTrack, description!, scan!, options with { Leader = isSound ? leader : null });
            if (foretold is not { } told)
            {
                return false;
            }

            var index = new ArrivingIndex(indexPathOf(options.Id));
            var compiler = TrackCompiler.Start(movie, movieTrack, description!, scan!, options with { Following = isSound ? leading : null }, index);
            tracks.Add(new ArrivingTrack(told.Summary, compiler, index));
            leader ??= (told.Segments, movieTrack.Timescale);
            leading ??= compiler;
        }

        return tracks.Count > 0;
    }
}
