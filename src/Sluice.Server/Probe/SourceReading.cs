namespace Sluice.Server.Probe;

/// <summary>What came of asking ffprobe.</summary>
/// <param name="Facts">The facts; null when there are none.</param>
/// <param name="Reason">Why there are none, in words for a person; null when there are.</param>
/// <param name="IsTimedOut">There was no time to find out: that says nothing against the file.</param>
internal sealed record SourceReading(SourceFacts? Facts, string? Reason, bool IsTimedOut = false)
{
    /// <summary>For those to whom it is all the same why.</summary>
    public void Deconstruct(out SourceFacts? facts, out string? reason) => (facts, reason) = (Facts, Reason);
}
