using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>When a file that is coming can be played.</summary>
internal enum Plays
{
    /// <summary>It is not known yet, or it may never play.</summary>
    Unknown,

    /// <summary>What has come plays already.</summary>
    Now,

    /// <summary>It plays once all of it is there: its index is at its end, say, or something of it is to be encoded.</summary>
    AtEnd,
}

/// <summary>How far a file is that is coming.</summary>
/// <param name="Id">Name of the upload or import, and of the title that it becomes.</param>
/// <param name="Plays">When it can be played.</param>
/// <param name="LandedBytes">Bytes that are there.</param>
/// <param name="TotalBytes">Bytes of the whole.</param>
/// <param name="PlayableSeconds">Seconds from its beginning that could be played now: exact while somebody watches, else reckoned by bytes; 0
/// when nothing plays yet.</param>
/// <param name="DurationSeconds">Seconds of the whole; 0 when not known.</param>
internal sealed record ArrivalStatus(
    AssetId Id, Plays Plays, long LandedBytes, long TotalBytes, double PlayableSeconds, double DurationSeconds);

/// <summary>A file that is coming is further.</summary>
internal sealed record ArrivalChanged(ArrivalStatus Arrival) : Change(Arrival.Id, "arrival " + Arrival.Id);

/// <summary>The words for <see cref="Plays"/>, in headers and events alike.</summary>
internal static class PlaysNames
{
    /// <summary>The word.</summary>
    public static string Name(this Plays plays) => plays switch
    {
        Plays.Unknown => "unknown",
        Plays.Now => "now",
        Plays.AtEnd => "at-end",
        _ => throw new ArgumentOutOfRangeException(nameof(plays)),
    };
}
