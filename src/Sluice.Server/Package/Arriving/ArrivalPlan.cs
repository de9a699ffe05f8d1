using System.Globalization;
using Sluice.Server.Probe;

namespace Sluice.Server.Package.Arriving;

/// <summary>How an MP4 is packaged that plays while it arrives: every track that is offered is copied.</summary>
/// <param name="Triage">The verdict on each of its tracks.</param>
/// <param name="BesideEncoded">Encoded renditions may come beside later, so timestamps leave room for an encoder's delay.</param>
internal sealed record ArrivalPlan(TriageResult Triage, bool BesideEncoded)
{
    /// <summary>The tracks that are offered, picture first.</summary>
    public IEnumerable<TriagedTrack> Copied =>
        Triage.Tracks.Where(t => t.IsCopied).OrderBy(t => t.Verdict.Kind == "video" ? 0 : 1);

    /// <summary>Presented length in seconds; 0 when not known, as of fragments that are still to come.</summary>
    public double DurationSeconds =>
        Copied.Any(t => t.Probed.Scan!.IsOpen) ? 0 : Triage.Tracks.Select(t => t.Probed.Seconds).DefaultIfEmpty().Max();

    /// <summary>What segments depend on besides the file.</summary>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    public string Manner(double segmentSeconds) => string.Create(CultureInfo.InvariantCulture, $"{BesideEncoded} {segmentSeconds:R}");
}
