using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Arriving;

/// <summary>Looks at what has landed of a file: whether it plays before it is there, and how it is packaged then. The same bytes always give the same
/// answer.</summary>
/// <param name="source">The file, with its announced length.</param>
/// <param name="landedBytes">Bytes of it that are there.</param>
/// <param name="ct">Ends child processes too.</param>
internal delegate Task<ArrivalLook> ArrivalStep(IByteSource source, long landedBytes, CancellationToken ct);

/// <summary>What such a look tells.</summary>
/// <param name="Plays">When it plays; <see cref="ArrivalPlays.NotMovie"/>: perhaps never.</param>
/// <param name="NeedBytes">With <see cref="ArrivalPlays.Unknown"/>: worth another look when so many bytes have landed; else 0.</param>
internal sealed record ArrivalLook(ArrivalPlays Plays, long NeedBytes = 0)
{
    /// <summary>How it is packaged as it lies; null when it is repackaged on the way, or does not play yet.</summary>
    public ArrivalPlan? Copied { get; private init; }

    /// <summary>How it is repackaged on the way; null when it need not be, or does not play yet.</summary>
    public RemuxPlan? Remuxed { get; private init; }

    /// <summary>Verdict on every track; empty when it does not play yet.</summary>
    public IReadOnlyList<TrackVerdict> Tracks { get; private init; } = [];

    /// <summary>What is lost although it plays; null when nothing is.</summary>
    public string? Loss { get; private init; }

    /// <summary>Presented length in seconds; 0 when not known.</summary>
    public double DurationSeconds { get; private init; }

    /// <summary>It plays when all of it is there.</summary>
    public static ArrivalLook AtEnd { get; } = new(ArrivalPlays.AtEnd);

    /// <summary>It is no media, or there is nothing here to make it play.</summary>
    public static ArrivalLook Never { get; } = new(ArrivalPlays.NotMovie);

    /// <summary>An MP4 that plays as it lies.</summary>
    public static ArrivalLook Of(ArrivalPlan plan) => new(ArrivalPlays.Now)
    {
        Copied = plan,
        Tracks = [.. plan.Triage.Tracks.Select(t => t.Verdict)],
        Loss = plan.Triage.Loss,
        DurationSeconds = plan.DurationSeconds,
    };

    /// <summary>A file that plays repackaged.</summary>
    /// <param name="plan">How.</param>
    /// <param name="tracks">Verdict on every track.</param>
    /// <param name="loss">What is lost.</param>
    /// <param name="durationSeconds">What its header says of its length; 0 for nothing.</param>
    public static ArrivalLook Of(RemuxPlan plan, IReadOnlyList<TrackVerdict> tracks, string? loss, double durationSeconds) => new(ArrivalPlays.Now)
    {
        Remuxed = plan,
        Tracks = tracks,
        Loss = loss,
        DurationSeconds = durationSeconds,
    };

    /// <summary>What segments depend on besides the file; only of what plays.</summary>
    /// <param name="segmentSeconds">Target duration of a segment.</param>
    public string Manner(double segmentSeconds) => Remuxed?.Manner(segmentSeconds) ?? Copied!.Manner(segmentSeconds);
}
