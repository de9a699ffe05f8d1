using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Channels;

/// <summary>The words of the API and the metrics for what a channel does; they never change.</summary>
internal static class ChannelWords
{
    /// <summary>The word for a state.</summary>
    public static string Of(ChannelState state) => state switch
    {
        ChannelState.Off => "off",
        ChannelState.Idle => "idle",
        ChannelState.Starting => "starting",
        ChannelState.Live => "live",
        ChannelState.Retrying => "retrying",
        ChannelState.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The word for what is counted.</summary>
    public static string Of(ChannelCounter counter) => counter switch
    {
        ChannelCounter.Starts => "starts",
        ChannelCounter.Segments => "segments",
        ChannelCounter.BytesIn => "bytesIn",
        ChannelCounter.BytesOut => "bytesOut",
        ChannelCounter.Gaps => "gaps",
        ChannelCounter.Missed => "missed",
        ChannelCounter.Resets => "resets",
        ChannelCounter.Lags => "lags",
        ChannelCounter.Retries => "retries",
        ChannelCounter.FailedSegments => "failedSegments",
        ChannelCounter.LostBytes => "lostBytes",
        ChannelCounter.Losses => "losses",
        ChannelCounter.TimesAlone => "timesAlone",
        ChannelCounter.LateFrames => "lateFrames",
        ChannelCounter.Skips => "skips",
        ChannelCounter.Drops => "drops",
        ChannelCounter.Switches => "switches",
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };
}
