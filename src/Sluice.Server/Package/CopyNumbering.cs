using Sluice.Media.Cmaf;
using Sluice.Server.Probe;

namespace Sluice.Server.Package;

/// <summary>How the copied tracks of one source are compiled, picture first: one origin, one numbering. Whoever compiles the same source twice
/// gets the same bytes.</summary>
/// <param name="triage">The verdict on the source.</param>
/// <param name="besideEncoded">Timestamps leave room for an encoder's delay.</param>
/// <param name="targetSeconds">Target duration of a segment.</param>
internal sealed class CopyNumbering(TriageResult triage, bool besideEncoded, double targetSeconds)
{
    private uint _trackId;

    /// <summary>Whole seconds that all tracks are later than in the source.</summary>
    public long OriginSeconds { get; } = Math.Max(
        besideEncoded ? 1 : 0,
        TimelineOrigin.SecondsFor(triage.Tracks.Where(t => t.IsCopied).Select(t => (t.Probed.Scan!, t.Probed.Track.Timescale))));

    /// <summary>Options of the next track, without a leader.</summary>
    /// <param name="track">The track.</param>
    /// <param name="places">Where it goes in a title that plays already; null when it makes the title.</param>
    public TrackCompilerOptions Next(TriagedTrack track, CopyPlaces? places = null)
    {
        var own = track.Verdict.Id!;
        var place = places is null ? new CopyPlace(own, ++_trackId, own is "v0" or "a0") : places.PlaceOf(own);
        return new TrackCompilerOptions
        {
            Id = place.Id,
            TrackId = place.TrackId,
            TargetSeconds = targetSeconds,
            OriginSeconds = OriginSeconds,
            IsDefault = place.IsDefault,
            AlternativeOf = place.AlternativeOf,
            Language = place.Language,
            Name = place.Name,
        };
    }
}
