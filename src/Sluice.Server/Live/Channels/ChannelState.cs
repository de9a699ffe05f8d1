namespace Sluice.Server.Live.Channels;

/// <summary>
/// Where a channel is in its life.
/// <code>
/// Off     Idle ──first viewer──▶ Starting ──first picture──▶ Live ◀──▶ Retrying
///           ▲──────── nobody watches any more, or none could be had ──────┘        Ended: the source was over
/// </code>
/// </summary>
internal enum ChannelState
{
    /// <summary>It is not enabled.</summary>
    Off,

    /// <summary>Nobody watches, so nothing is asked of the upstream.</summary>
    Idle,

    /// <summary>Somebody waits for the first picture.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Live,

    /// <summary>It ran, and no upstream gives anything now; the viewers are kept.</summary>
    Retrying,

    /// <summary>What it showed was over; the next viewer starts it anew.</summary>
    Ended,
}
