namespace Sluice.Server.Live.Channels;

/// <summary>What is counted of a channel, from when it was made.</summary>
internal enum ChannelCounter
{
    /// <summary>Times that the upstream was started.</summary>
    Starts,

    /// <summary>Segments that came whole.</summary>
    Segments,

    /// <summary>Bytes that came.</summary>
    BytesIn,

    /// <summary>Bytes that were sent to viewers.</summary>
    BytesOut,

    /// <summary>Segments that the upstream itself does not have: EXT-X-GAP.</summary>
    Gaps,

    /// <summary>Segments that came and went between two loads of a playlist.</summary>
    Missed,

    /// <summary>Times that an upstream began anew.</summary>
    Resets,

    /// <summary>Loads from an edge that was behind another.</summary>
    Lags,

    /// <summary>Times that a segment was asked for again.</summary>
    Retries,

    /// <summary>Segments that did not come, or not whole.</summary>
    FailedSegments,

    /// <summary>Bytes of segments that were no packets.</summary>
    LostBytes,

    /// <summary>Places where packets were missing within a segment.</summary>
    Losses,

    /// <summary>Times that video went on without the audio of a playlist of its own, which did not come.</summary>
    TimesAlone,

    /// <summary>Frames of such audio that came too late and were left out.</summary>
    LateFrames,

    /// <summary>Times that a viewer skipped.</summary>
    Skips,

    /// <summary>Viewers that were sent away for being too slow.</summary>
    Drops,

    /// <summary>Changes of upstream.</summary>
    Switches,
}
