using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Media.Binary;
using Sluice.Server.Probe;

namespace Sluice.Server.Package.Arriving;

/// <summary>How a file is packaged that plays while it arrives: every track that is offered is copied.</summary>
/// <param name="Triage">The verdict on each of its tracks.</param>
/// <param name="BesideEncoded">Encoded renditions may come beside later, so timestamps leave room for an encoder's delay.</param>
internal sealed record ArrivalPlan(TriageResult Triage, bool BesideEncoded)
{
    private const int RandomDigits = 8;
    private const int MannerDigits = 4;

    /// <summary>The tracks that are offered, picture first.</summary>
    public IEnumerable<TriagedTrack> Copied =>
        Triage.Tracks.Where(t => t.IsCopied).OrderBy(t => t.Verdict.Kind == "video" ? 0 : 1);

    /// <summary>A new name for what is served of it. It ends with what segments depend on besides the file.</summary>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    public string NewVersion(double segmentSeconds) => RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true) + Manner(segmentSeconds);

    /// <summary>Whether segments that are made now are those of this version; not when the server was started anew to cut otherwise.</summary>
    public bool Serves(string version, double segmentSeconds) => version.EndsWith(Manner(segmentSeconds), StringComparison.Ordinal);

    /// <summary>Presented length in seconds; 0 when not known, as of fragments that are still to come.</summary>
    public double DurationSeconds =>
        Copied.Any(t => t.Probed.Scan!.IsOpen) ? 0 : Triage.Tracks.Select(t => t.Probed.Seconds).DefaultIfEmpty().Max();

    private string Manner(double segmentSeconds)
    {
        var manner = string.Create(CultureInfo.InvariantCulture, $"{BesideEncoded} {segmentSeconds:R}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(manner)))[..MannerDigits];
    }
}

/// <summary>Judges what has landed of a file whose headers are complete; null when it does not play before all of it is there.</summary>
internal delegate Task<ArrivalPlan?> ArrivalStep(IByteSource source, CancellationToken ct);
