using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>What a tracker has counted.</summary>
/// <param name="Missed">Segments that came and went between two loads.</param>
/// <param name="Resets">Times that the upstream began anew.</param>
/// <param name="Lags">Loads from an edge that was behind another.</param>
/// <param name="Gaps">Segments that the upstream itself does not have.</param>
internal readonly record struct TrackerCounts(long Missed, long Resets, long Lags, long Gaps)
{
    public static TrackerCounts operator -(TrackerCounts now, TrackerCounts before) =>
        new(now.Missed - before.Missed, now.Resets - before.Resets, now.Lags - before.Lags, now.Gaps - before.Gaps);
}

/// <summary>Is told what becomes of an upstream, on the threads that do the work: it must not wait.</summary>
internal interface IUpstreamWatch
{
    /// <summary>A place begins to be followed.</summary>
    /// <param name="playlist">Its media playlist.</param>
    /// <param name="shape">What it is like.</param>
    /// <param name="before">Why the place before it, of the same URL, was left; null when this is the first.</param>
    void Following(OutboundUrl playlist, UpstreamShape shape, string? before);

    /// <summary>Bytes went into the sink.</summary>
    void Received(int bytes);

    /// <summary>A segment has ended, whole or not.</summary>
    void Ended(DownloadResult result);

    /// <summary>So much more was counted.</summary>
    void Counted(TrackerCounts more);
}

/// <summary>Nobody watches.</summary>
internal sealed class NoWatch : IUpstreamWatch
{
    public static NoWatch Instance { get; } = new();

    public void Following(OutboundUrl playlist, UpstreamShape shape, string? before)
    {
    }

    public void Received(int bytes)
    {
    }

    public void Ended(DownloadResult result)
    {
    }

    public void Counted(TrackerCounts more)
    {
    }
}
