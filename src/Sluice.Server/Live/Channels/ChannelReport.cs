namespace Sluice.Server.Live.Channels;

/// <summary>Puts together how a channel is. Reads what others write, and makes nobody wait.</summary>
internal static class ChannelReport
{
    public static ChannelStatus Of(ChannelDefinition definition, ChannelPhase phase, ChannelRun? run, ViewerCounts viewers, ChannelMeter meter) => new()
    {
        State = definition.IsEnabled ? phase.State : ChannelState.Off,
        Reason = phase.Reason ?? (run is { Feed.Ending: null } ? run.Feed.HlsProblem : null),
        Since = phase.Since,
        Upstream = run?.Upstream is { } upstream ? upstream with { Kind = run.Sinks.Kind } : null,
        LastSwitch = meter.LastSwitch,
        Viewers = viewers,
        BitsPerSecondIn = meter.BitsPerSecondIn,
        BitsPerSecondOut = meter.BitsPerSecondOut,
        Log = run?.Feed.Depth ?? new LogDepth(0, definition.BufferBytes, TimeSpan.Zero, 0),
        Latency = meter.Latency,
        Counters = meter.Read(),
    };
}
